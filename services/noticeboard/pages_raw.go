package noticeboard

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/portal"
	"commonhub/hub/record"
)

// serveFeed answers /notices.atom. It has nothing for members in it, whoever asks.
func (s *Service) serveFeed(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	var f Feed
	err := s.record.Read(func(v record.View) error {
		f = s.Feed(v, r.URL, r.Query("before"))
		return nil
	})
	out, xmlErr := xml.Marshal(f)
	if err != nil || xmlErr != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Set("Content-Length", strconv.Itoa(len(xml.Header)+len(out)))
	if req.Method != http.MethodHead {
		w.Write(append([]byte(xml.Header), out...)) // if the reader went away, nobody is left to tell
	}
}

// servePicture answers /pictures/<hub id>/<leaf>.jpg.
func (s *Service) servePicture(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	leaf, isJPEG := strings.CutSuffix(r.Param("file"), ".jpg")
	var jpeg []byte
	err := s.record.Read(func(v record.View) (err error) {
		jpeg, err = s.picture(v, reader(r), cite{record.OriginFor(r.Param("hub")), leaf})
		return err
	})
	if err != nil || !isJPEG {
		http.NotFound(w, req)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	// Pictures never change, but may be hidden or erased: an hour is long enough for one visit.
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Vary", "Cookie, Authorization")
	if req.Method != http.MethodHead {
		w.Write(jpeg)
	}
}

// picture finds a picture that this reader may see: of a notice whose words they may read. Anything else is NotFound, and so is any
// body that is no picture: receipts and names must not leave by this door.
func (s *Service) picture(v record.View, r Reader, c cite) ([]byte, error) {
	ref, id, ok := c.ref()
	owner := v.Table(service, "picture").Get(id[:])
	if !ok || len(owner) != len(id) {
		return nil, missing()
	}
	n, held := load(v, ID(owner))
	if !held {
		return nil, missing()
	}
	if _, state := words(v, r, ID(owner), n); state != WordsHere {
		return nil, missing()
	}
	b := v.Body(ref.Origin, ref.Leaf)
	if b.State != body.Here || b.Reach != n.Reach {
		return nil, missing()
	}
	return slices.Clone(b.Bytes), nil
}
