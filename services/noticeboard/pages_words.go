package noticeboard

import (
	"strings"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/web"
)

// headline is the title, or what stands in its place where the words are not for this reader.
func (i Item) headline(f *web.Frame) string {
	if i.Title != "" {
		return i.Title
	}
	return f.T("notice.words-" + string(i.State))
}

// look is how a claim's state is tinted.
func (c ClaimState) look() string {
	switch c {
	case Won:
		return "good"
	case Waiting:
		return "warn"
	}
	return ""
}

// fewOnPaper is how many notices fit one sheet of A4 with their snippets, large enough for everybody's eyes.
const fewOnPaper = 12

// snippet is the beginning of a text, for a list.
func snippet(text string) string {
	const most = 180
	line := strings.Join(strings.Fields(text), " ")
	if short := cut(line, most); short != line {
		return strings.TrimRight(short, " ") + "…"
	}
	return line
}

// tongue marks words with the language that their author said, for screen readers and hyphenation.
func tongue(lang string) templ.Attributes {
	if lang == "" {
		return nil
	}
	return templ.Attributes{"lang": lang}
}

func kinds(f *web.Frame, chosen Kind) []web.Choice {
	var list []web.Choice
	for _, k := range Kinds() {
		list = append(list, web.Choice{
			Value: string(k), Label: f.T("notice.kind-" + string(k)), Hint: f.T("notice.kind-hint-" + string(k)), Chosen: k == chosen,
		})
	}
	return list
}

func reaches(f *web.Frame, chosen string) []web.Choice {
	var list []web.Choice
	for _, r := range []body.Reach{body.Hub, body.Neighbours, body.Far} {
		list = append(list, web.Choice{
			Value: string(r), Label: f.T("notice.reach-" + string(r)), Hint: f.T("notice.reach-hint-" + string(r)), Chosen: string(r) == chosen,
		})
	}
	return list
}

// languages are those that the hub speaks, and the one that the notice has.
func languages(f *web.Frame, chosen string) []web.Choice {
	list := []web.Choice{{Label: f.T("notice.lang-unsaid"), Chosen: chosen == ""}}
	found := chosen == ""
	for _, l := range f.Languages {
		list = append(list, web.Choice{Value: l.Code, Label: l.Name, Chosen: l.Code == chosen})
		found = found || l.Code == chosen
	}
	if !found {
		list = append(list, web.Choice{Value: chosen, Label: chosen, Chosen: true})
	}
	return list
}

func reasons(f *web.Frame, chosen string) []web.Choice {
	var list []web.Choice
	for _, r := range Reasons() {
		list = append(list, web.Choice{Value: r, Label: f.T("notice.reason-" + r), Chosen: r == chosen})
	}
	return list
}
