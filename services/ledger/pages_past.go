package ledger

import (
	"io"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/web"
)

// maxPastFile bounds the file of a past year, in bytes.
const maxPastFile = 4 << 20

// PastPage is /ledger/past: the form that brings a past year in.
type PastPage struct {
	Text string `json:"past"`
}

func (s *Service) blankPast(*portal.Request) (portal.Page, error) { return PastPage{}, nil }

func (s *Service) pastAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return PastPage{Text: r.Form("past")}, nil
}

// postPast reads a past year from a file, or from the form, and carries its last balances on.
func (s *Service) postPast(r *portal.Request) (portal.Outcome, error) {
	text, err := pastText(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	var legs []book.Leg
	err = s.look(readerOf(r), func(l sight) (err error) {
		legs, err = ReadPast(text, l.Books, l.exists)
		return err
	})
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Carry(r.Context(), orderOf(r), legs)
	return made(r, ref, "/ledger/entries/", "ledger.flash-past"), err
}

func pastText(r *portal.Request) (string, error) {
	files, err := r.Files("file")
	if err != nil || len(files) == 0 {
		return r.Form("past"), err
	}
	f, err := files[0].Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPastFile))
	return string(raw), err
}

// Title of the form.
func (p PastPage) Title(f *web.Frame) string { return f.T("ledger.title-past") }

// HTML is the form.
//
//go:noinline
func (p PastPage) HTML(f *web.Frame) templ.Component { return pastPage(f, p) }
