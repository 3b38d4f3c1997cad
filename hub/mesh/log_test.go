package mesh

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
)

func TestLibraryLogIsFilteredAndBounded(t *testing.T) {
	var out bytes.Buffer
	l := newLibraryLog(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	l.Print("[DEBUG] memberlist: Stream connection")
	l.Print("[INFO] memberlist: Suspect has failed")
	if out.Len() > 0 {
		t.Errorf("chatter came through: %s", &out)
	}
	for range 1000 {
		l.Print("[ERR] memberlist: forged\nlevel=ERROR msg=fake")
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 || !strings.Contains(lines[0], "level=WARN msg=\"mesh: memberlist: forged") {
		t.Errorf("%d lines, the first is %s", len(lines), lines[0])
	}
}

func TestLoudSourceDoesNotSilenceOthers(t *testing.T) {
	m := newMeter(false)
	loud, calm := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	passed := 0
	for range 1000 {
		if m.packet(loud) {
			passed++
		}
	}
	if passed < 120 || passed > 200 {
		t.Errorf("%d of 1000 packets passed at once", passed)
	}
	if !m.packet(calm) || !m.dear(calm, load{dear: 100}) || m.dear(calm, load{dear: 200}) || !m.dear(calm, load{cries: 100}) {
		t.Error("another source has no budget of its own")
	}
	var places []*account
	for range 5 {
		if a := m.enter(loud); a != nil {
			places = append(places, a)
		}
	}
	if len(places) != streamsPerOne || m.enter(calm) == nil {
		t.Errorf("%d streams for one source", len(places))
	}
	for _, a := range places {
		m.leave(a)
	}
	if m.open != 1 || m.enter(loud) == nil {
		t.Error("places are not given back")
	}
}

func TestMeterTableIsBounded(t *testing.T) {
	m := newMeter(false)
	for n := range 4 * sourceCap {
		m.packet(spot(n).Addr())
	}
	for n := range 100 {
		m.packet(netip.AddrFrom16([16]byte{0xfd, 15: byte(n)})) // one host with many addresses
	}
	if len(m.sources) != sourceCap {
		t.Errorf("%d sources are remembered", len(m.sources))
	}
}
