package portal

import (
	"net/http"
	"strconv"
)

// asset serves /assets/:sum/:name. Under another checksum there is nothing: an old page's stylesheet that we no longer
// have must not be cached as the new one.
func (p *Portal) asset(w http.ResponseWriter, req *http.Request) {
	r := From(req)
	a, ok := p.assets.Get(r.Param("name"))
	if !ok || a.Sum != r.Param("sum") {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := a.Plain
	if takesGzip(req) {
		h.Set("Content-Encoding", "gzip")
		body = a.Gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}
