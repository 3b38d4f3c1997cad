package callout

import (
	"testing"

	"commonhub/hub/record"
)

// BenchmarkBanners reads what every page must know: with nothing live, as nearly always, and with a call-out. Run with
//
//	go test ./services/callout -run - -bench Banners
func BenchmarkBanners(b *testing.B) {
	h := newHub(b)
	read := func(b *testing.B) {
		for b.Loop() {
			h.view(func(v record.View) { h.s.List(v, Reader{}) })
		}
	}
	b.Run("none", read)
	h.raise("m2", draft("fire"))
	b.Run("one", read)
}
