package lab

import (
	"net"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// probe sends datagrams from one host to another and tells which arrived, and how long the first one took.
type probe struct {
	t    *testing.T
	lab  *Lab
	from *net.UDPConn
	to   *net.UDPConn
}

func newProbe(t *testing.T, l *Lab, from, to int) *probe {
	return &probe{t: t, lab: l, from: listen(t, l, from), to: listen(t, l, to)}
}

func listen(t *testing.T, l *Lab, host int) (conn *net.UDPConn) {
	t.Helper()
	err := hubtest.Within(l.Space(host), func() (err error) {
		conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(l.Address(host))})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send sends n datagrams of a size, a millisecond apart, and counts those that come within two seconds after the last.
func (p *probe) send(n, size int) (arrived int, first time.Duration) {
	p.t.Helper()
	start := time.Now()
	go func() {
		for range n {
			p.from.WriteToUDP(make([]byte, size), p.to.LocalAddr().(*net.UDPAddr))
			time.Sleep(time.Millisecond)
		}
	}()
	p.to.SetReadDeadline(start.Add(2*time.Second + time.Duration(n)*2*time.Millisecond))
	for arrived < n {
		if _, _, err := p.to.ReadFromUDP(make([]byte, 2000)); err != nil {
			break
		}
		if arrived++; arrived == 1 {
			first = time.Since(start)
		}
	}
	return arrived, first
}

func TestDelayAndLossAddUpOverALine(t *testing.T) {
	t.Parallel()
	l := Line(t, 3, Link{Delay: 50 * time.Millisecond})
	p := newProbe(t, l, 1, 3)
	p.send(1, 10) // the hosts ask for each other's hardware address first
	if n, took := p.send(20, 10); n != 20 || took < 100*time.Millisecond || took > 400*time.Millisecond {
		t.Errorf("%d of 20 arrived over two links of 50 ms, the first after %v", n, took)
	}
	l.Change(1, 2, Link{Loss: 30})
	l.Change(2, 3, Link{})
	if n, _ := p.send(500, 10); n < 290 || n > 410 { // 350 expected, deviation 10
		t.Errorf("%d of 500 arrived with 30 %% loss", n)
	}
}

func TestCuts(t *testing.T) {
	t.Parallel()
	l := Line(t, 3, Link{})
	there, back := newProbe(t, l, 1, 3), newProbe(t, l, 3, 1)
	arrive := func(weather string, wantThere, wantBack int) {
		t.Helper()
		gone, _ := there.send(5, 10)
		come, _ := back.send(5, 10)
		if gone != wantThere || come != wantBack {
			t.Errorf("%s: %d of 5 went there, %d of 5 came back", weather, gone, come)
		}
	}
	arrive("fair", 5, 5)
	l.Cut(2, 3)
	arrive("cut", 0, 0)
	l.Heal(3, 2)
	arrive("healed", 5, 5)
	l.OneWay(2, 1)
	arrive("one way from 2 to 1", 5, 0)
	l.Heal(1, 2)
	arrive("healed again", 5, 5)
}

func TestRateHoldsBack(t *testing.T) {
	t.Parallel()
	l := Line(t, 2, Link{Rate: 400_000})
	p := newProbe(t, l, 1, 2)
	p.send(1, 10)
	start := time.Now()
	if n, _ := p.send(40, 958); n != 40 { // 1000 bytes a frame, 20 ms each
		t.Errorf("%d of 40 arrived", n)
	}
	if took := time.Since(start); took < 700*time.Millisecond || took > 1500*time.Millisecond {
		t.Errorf("40 kB over 400 kbit/s took %v", took)
	}
	if n, _ := p.send(200, 958); n < 45 || n > 80 { // a second of backlog, and what leaves meanwhile
		t.Errorf("%d of 200 arrived over a link that can keep about 60", n)
	}
}

// Without routes a host meets its neighbours only.
func TestUnroutedHostsMeetNeighboursOnly(t *testing.T) {
	t.Parallel()
	l := New(t, 3)
	l.Join(2, 1, Link{})
	l.Join(2, 3, Link{})
	if n, _ := newProbe(t, l, 2, 1).send(3, 10); n != 3 {
		t.Errorf("%d of 3 arrived at a neighbour", n)
	}
	if n, _ := newProbe(t, l, 1, 3).send(3, 10); n != 0 {
		t.Errorf("%d of 3 arrived where no route leads", n)
	}
}
