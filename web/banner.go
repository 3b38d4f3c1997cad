package web

import "time"

// Banner is something that every page says above everything else, while it lasts.
type Banner struct {
	ID   string    // of the thing: a phone sounds once for each
	Path string    // where it leads
	Tag  string    // a word or two in the reader's language: what sort of thing it is
	Text string    // what a person wrote, one line of it
	Lang string    // BCP 47 tag of Text, "" if it was not said
	Look string    // "bad" or "warn", as for Tag
	Ends time.Time // until when it is shown
}
