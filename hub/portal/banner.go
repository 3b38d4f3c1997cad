package portal

import "commonhub/web"

// Banner adds something that every page may have to say above everything else, whoever reads it. What it tells a guest must depend on
// the language alone, and change only with the generation, by Touch, or when the first of the banners ends: pages are kept until then.
func (p *Portal) Banner(banners func(*Request) []web.Banner) { p.banners = append(p.banners, banners) }

// Touch says that a banner came, changed or went without a change of the record. Pages open on phones are told at once. It never blocks.
func (p *Portal) Touch() { p.live.bell.ring() }

// generation grows with the record's views and with what banners say besides: both only ever grow, and so does their sum.
func (p *Portal) generation() uint64 { return p.o.Generation() + p.live.bell.strokes.Load() }

func (p *Portal) bannersFor(r *Request) []web.Banner {
	var all []web.Banner
	for _, b := range p.banners {
		all = append(all, b(r)...)
	}
	return all
}
