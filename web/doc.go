// Package web is what every page is made of: the sentences in every language, the frame around a page, the components
// inside it, one stylesheet, one sprite of icons and one small script.
package web

// Filter is one link of Filters.
type Filter struct {
	Path    string
	Label   string
	Current bool
}
