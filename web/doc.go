// Package web is what every page is made of: the sentences in every language (Words, Lang), the frame around a page
// (Frame), the components inside it, one stylesheet, one sprite of icons and two small scripts (Assets).
//
// Labels, titles and hints are sentences already in the reader's language: f.T("notice.title"). The whole document:
//
//	Page(f, body)                      h1 from f.Title, flash, refusal, then body (starts at h2); the portal calls it
//
// Forms. A field finds its own error in f.Refusal by its name; its value comes from the page's struct.
//
//	Form(f, action) { … }              POST form with its hidden fields
//	Upload(f, action) { … }            the same, carrying files
//	Search(f, action, in, label)       GET form of one field
//	FormFields(f)                      hidden token and key, for forms made by hand
//	Action(f, action, label, icon, hidden ...Hidden)   a form of one quiet button
//	Field(f, Input) Area(f, Input) Select(f, Input, []Choice) Radios(f, Input, []Choice)
//	Checkbox(f, Input, ticked)         sends "yes"
//	Pictures(f, Input)                 file input for photos; Max 1 = only one
//	Submit(label) Danger(label)        the form's main button
//	Problem(f, *Refusal)               a refusal of the page's own; Page shows f.Refusal by itself
//
// Content.
//
//	Section(title) { … }               h2 and what is under it
//	Cards() { … } Card() { … }         list of framed pieces; begin a Card with Headline
//	Headline(f, href, text)            h2 of a card, written by a person, linked ("" = not)
//	Meta() { … }                       the small line of who, when, which kind
//	Text(text)                         what a person wrote, paragraphs kept
//	Person(f, name, handle, hub)       hub "" = ours
//	Time(f, t) Day(f, t)               relative with the exact minute behind it; date alone
//	Tag(text, look)                    look: "", "good", "warn", "bad"
//	Note(f, look) { … }                something to know
//	Empty(f, title, text, href, label) where a list would be
//	Facts() { Fact(name) { … } }       names and values
//	Code(text)                         codes, keys, addresses
//	QR(label, text)                    QR code as inline SVG, for screen and paper
//	Picture(src, alt, width, height)   lazy image that keeps its place
//	Progress(label, value, most)
//	Plot(f, Graph) Sides(f, Spread)    figures over time, and around zero, as one picture; Plot brings its table along
//	Table(label, heads) { … }          rows under heads, which a phone pushes sideways
//	Fold(summary) { … }                details, shut until asked for, open in print
//	Filters(label, []Filter)           row of links, one is current
//	Pager(f, newer, older)             "" leaves a link out
//	Buttons() { … }                    row of Link(f, href, label, icon), Quiet(f, href, label, icon), Action
//	Print(f)                           prints the page, where the script runs
//	Alarm(f)                           lets this phone sound at a new banner, where the script runs
//	Icon(f, name)                      alert back bell board bolt box calendar chat check clock coin cross
//	                                   drop edit flag globe hand heart house info leaf link list lock
//	                                   onward people person phone photo pin plus print search shield tool trash
//
// Classes for a page's own markup: no-print, only-print (shown on paper alone), soft (small, muted words), row (side by
// side, wrapping), code. A service's own rules go into css/<service>.css, with its name as prefix.
package web

// Filter is one link of Filters.
type Filter struct {
	Path    string
	Label   string
	Current bool
}
