package ledger

import (
	"encoding/xml"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/export"
	"commonhub/web"
)

// mountFiles registers what can be taken away. Everything but the words is public.
func (s *Service) mountFiles(p *portal.Portal) {
	p.Get("/ledger/files", s.listFiles)
	for name, write := range map[string]func(export.File, io.Writer) error{
		"journal.hledger": export.File.Journal, "entries.csv": export.File.CSV, "entries.json": export.File.JSON,
	} {
		p.Raw(http.MethodGet, "/ledger/"+name, s.serveFile(name, write))
	}
	p.Raw(http.MethodGet, "/ledger/entries.atom", http.HandlerFunc(s.serveFeed))
	p.Raw(http.MethodGet, "/ledger/periods/:file", http.HandlerFunc(s.servePeriod))
	p.Get("/ledger/past", s.blankPast, portal.Stewards)
	p.Post("/ledger/past", s.postPast, s.pastAgain, portal.Stewards, portal.Uploads(1, maxPastFile))
}

// fileTypes are media types by the ends of names.
func fileTypes() map[string]string {
	return map[string]string{"hledger": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
}

// serveFile answers with all entries, and the memos that this reader may read.
func (s *Service) serveFile(name string, write func(export.File, io.Writer) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		f := s.everything(readerOf(portal.From(req)))
		send(w, req, name, "private, no-cache", func(out io.Writer) error { return write(f, out) })
	})
}

// send streams a file. An error in the middle can only be told by ending before the end.
func send(w http.ResponseWriter, req *http.Request, name, cache string, write func(io.Writer) error) {
	_, end, _ := strings.Cut(name, ".")
	h := w.Header()
	h.Set("Content-Type", fileTypes()[end[strings.LastIndex(end, ".")+1:]])
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", cache)
	h.Set("Vary", "Cookie, Authorization")
	if req.Method == http.MethodHead {
		return
	}
	if err := write(w); err != nil {
		panic(http.ErrAbortHandler) // the reader sees a broken download, not a shorter ledger
	}
}

// everything is the file of all entries that there are now, with memos.
func (s *Service) everything(r Reader) export.File {
	f := export.File{Origin: s.record.Self(), End: s.record.Size()}
	f.Source = s.source(r, true)
	return f
}

// source reads the books for files; what is for members or stewards is left out for others.
func (s *Service) source(r Reader, memos bool) export.Source {
	return func(look func(export.Sight) error) error {
		return s.look(r, func(l sight) error {
			out := export.Sight{Books: l.Books, Entries: func(from uint64) iter.Seq2[record.Entry, error] { return l.Entries(l.Self(), from) }}
			if memos {
				out.Memo = l.memo
			}
			return look(out)
		})
	}
}

// memo is what was written to an entry whose own event is at hand.
func (l sight) memo(p book.Posting, own record.Entry) string {
	if at := l.memoOf(p); at != p.Index {
		return l.words(at).Text
	}
	return l.wordsOf(own).Text
}

// servePeriod answers /ledger/periods/CODE.hledger and CODE.csv, which never change, and CODE.words.csv, which holds names and memos as of
// today.
func (s *Service) servePeriod(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	file := r.Param("file")
	code, end, _ := strings.Cut(file, ".")
	var period book.Period
	err := s.look(Reader{}, func(l sight) (err error) {
		var ok bool
		if period, ok = l.PeriodNamed(code); !ok {
			err = missing()
		}
		return err
	})
	f := export.OfPeriod(s.record.Self(), period, s.source(Reader{}, false))
	const forever = "public, max-age=31536000, immutable"
	switch {
	case err == nil && end == "hledger":
		send(w, req, file, forever, f.Journal)
	case err == nil && end == "csv":
		send(w, req, file, forever, f.CSV)
	case err == nil && end == "words.csv":
		today := r.Now().In(s.o.Zone)
		send(w, req, code+"_as-of-"+today.Format(time.DateOnly)+".words.csv", "private, no-cache", func(out io.Writer) error {
			f.Source = s.source(readerOf(r), true)
			return s.writeWords(out, today, readerOf(r), f)
		})
	default:
		http.NotFound(w, req)
	}
}

// writeWords writes what the accounts are called and what was written to the entries of a file.
func (s *Service) writeWords(out io.Writer, asOf time.Time, r Reader, f export.File) error {
	var all []export.Word
	err := s.look(r, func(l sight) error {
		seen := map[book.Account]bool{}
		for _, b := range l.Balances() {
			if name := l.name(b.Account); name.Text != "" && !seen[b.Account] {
				seen[b.Account] = true
				all = append(all, export.Word{What: "account", Key: export.AccountName(b.Account), Text: name.Text})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	memos, err := f.Words()
	if err != nil {
		return err
	}
	return export.Words(out, asOf, append(all, memos...))
}

// serveFeed answers /ledger/entries.atom?before=. It has nothing for members in it, whoever asks.
func (s *Service) serveFeed(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	below, err := strconv.ParseUint(r.Query("before"), 10, 63)
	if err != nil {
		below = 1 << 63
	}
	say := export.Speaker{Title: r.Lang.T("ledger.title"), URL: r.URL, Kind: func(kind string) string { return r.Lang.T("event." + kind) }}
	var f export.Feed
	err = s.source(Reader{}, true)(func(l export.Sight) (err error) {
		f, err = l.Feed(s.record.Self(), below, say)
		return err
	})
	out, xmlErr := xml.Marshal(f)
	if err != nil || xmlErr != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/atom+xml; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=60")
	h.Set("Vary", "Accept-Language, Cookie")
	h.Set("Content-Length", strconv.Itoa(len(xml.Header)+len(out)))
	if req.Method != http.MethodHead {
		w.Write(append([]byte(xml.Header), out...)) // if the reader went away, nobody is left to tell
	}
}

// FilesPage is /ledger/files: what can be taken away.
type FilesPage struct {
	Periods []book.Period `json:"periods"`
}

func (s *Service) listFiles(r *portal.Request) (portal.Page, error) {
	p := FilesPage{Periods: []book.Period{}}
	err := s.look(readerOf(r), func(l sight) error {
		for n := l.Books.Periods(); n > 0; n-- {
			if one, ok := l.Period(n); ok {
				p.Periods = append(p.Periods, one)
			}
		}
		return nil
	})
	return p, err
}

// Title of the page.
func (p FilesPage) Title(f *web.Frame) string { return f.T("ledger.title-files") }

// HTML is the list.
//
//go:noinline
func (p FilesPage) HTML(f *web.Frame) templ.Component { return filesPage(f, p) }
