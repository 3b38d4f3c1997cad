package pages

import (
	"commonhub/hub/body"
	"commonhub/web"
)

// reachChoices are the three reaches that a displayed name may have.
func reachChoices(f *web.Frame, chosen body.Reach) []web.Choice {
	var choices []web.Choice
	for _, r := range []body.Reach{body.Hub, body.Neighbours, body.Far} {
		key := "pages.reach-" + string(r)
		choices = append(choices, web.Choice{Value: string(r), Label: f.T(key), Chosen: r == chosen})
	}
	return choices
}

// languageChoices are those that the hub speaks; a chosen one that it does not speak yet falls to the page's own.
func languageChoices(f *web.Frame, chosen string) []web.Choice {
	known := false
	for _, l := range f.Languages {
		known = known || l.Code == chosen
	}
	if !known {
		chosen = f.Code
	}
	var choices []web.Choice
	for _, l := range f.Languages {
		choices = append(choices, web.Choice{Value: l.Code, Label: l.Name, Chosen: l.Code == chosen})
	}
	return choices
}
