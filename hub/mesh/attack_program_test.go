package mesh

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// peakGrowth is by how many bytes an attack may raise the most that a hub ever had resident. What it has at the moment is no measure:
// Go gives memory back while a hub is idle, and takes it again for the next notice.
const peakGrowth = 8 << 20

// watch runs an attack, again and again, while a notice is posted and call-outs go round, and judges how much memory the first two
// hubs had at the worst moment. The notice may take ten seconds even in peace, because a hub reads another once in that time after a
// burst.
func (s *siege) watch(name string, do func()) {
	s.t.Helper()
	var before [2]int64
	for i := range before {
		before[i] = s.hubs[i].PeakResident()
	}
	enough, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended) // also when the attack fails its test, which ends this goroutine
		for {
			do()
			select {
			case <-enough:
				return
			case <-time.After(100 * time.Millisecond): // some attacks have happened once for all
			}
		}
	}()
	took := s.noticeArrives("During " + name)
	s.callsArrive(calls, name)
	close(enough)
	<-ended
	var grown, peak int64
	for i := range before {
		peak = max(peak, s.hubs[i].PeakResident())
		grown = max(grown, s.hubs[i].PeakResident()-before[i])
	}
	hubtest.Report(s.t, "%s: peak resident %+d kB to %d kB, a notice reached four hubs in %v",
		name, grown>>10, peak>>10, took.Round(time.Millisecond))
	if grown > peakGrowth {
		s.t.Errorf("%s: the peak of resident memory grew by %d kB", name, grown>>10)
	}
}

func TestAttacksOnTheProgram(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	for _, h := range s.hubs {
		h.Stop() // a peak is of a process's whole life, and the members' secrets took more than any attack may
		h.Start()
	}
	for n := range 3 { // what any use brings in
		s.noticeArrives(fmt.Sprint("In peace ", n))
	}
	s.callsArrive(len(s.hubs), "in peace")
	replies := s.mimic() // before strangers come in such numbers that a hub looks for them one by one
	s.watch("a reply that claims a million members", func() {
		hubtest.Until(t, "the liar was called twice", func() bool { return len(replies) >= 2 })
	})
	for _, each := range attacks {
		s.watch(each.name, func() { each.do(s.attacker) })
	}
	s.aim(len(s.hubs))
	for _, each := range floods {
		s.watch(each.name+", at each hub", func() { each.do(s.attacker) })
	}
	s.bury()
}

// mimic answers on the attacker's host as a hub that is there, whose gossip answers every call with a bomb. It returns a channel
// that has an element for each call answered. A hub calls whom it has looked at and does not find among the members.
func (s *siege) mimic() <-chan netip.AddrPort {
	s.t.Helper()
	args := []string{"--mdns=false", "--mesh-listen", s.ip.String() + ":7946", "--join", "10.77.0.1:8080"}
	truth := hubtest.Start(s.t, hubtest.Options{Program: hubtest.Program(s.t), Namespace: s.space, Args: args})
	pages := map[string][]byte{}
	for _, path := range []string{"/.well-known/commonhub", "/record/checkpoint"} {
		_, pages[path] = truth.Get(path)
	}
	id := truth.ID()
	for _, h := range s.hubs[:2] {
		hubtest.Until(s.t, "the hub that will be mimicked is known", func() bool { _, seen := h.Neighbour(id); return seen })
	}
	truth.Stop() // it says good-bye, so that others miss it at once and look where it has gone
	answered := make(chan netip.AddrPort, 1000)
	s.serve(":8080", func(l net.Listener) {
		http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { w.Write(pages[req.URL.Path]) }))
	})
	s.serve(s.ip.String()+":7946", func(l net.Listener) {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write(pushPull(1<<20, 0))
			io.CopyN(io.Discard, conn, 100) // a caller that we hang up on might not read at all
			conn.Close()
			answered <- conn.RemoteAddr().(*net.TCPAddr).AddrPort()
		}
	})
	return answered
}

// serve listens on the attacker's host until the test ends.
func (s *siege) serve(address string, serve func(net.Listener)) {
	s.t.Helper()
	var l net.Listener
	err := hubtest.Within(s.space, func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	go serve(l)
}

// resurrection is how long hubs that were buried may take until they have heard of it, begun a new epoch, and been found. Whoever began
// one under an earlier attack waits for two minutes before the next.
const resurrection = 4 * time.Minute

// bury says to everybody that everybody is dead, under a number that memberlist can never top. Bare memberlist never recovers.
func (s *siege) bury() {
	s.t.Helper()
	s.watch("all are said to be dead for good", func() { s.forge(typeDead, maxIncarnation) })
	start := time.Now()
	for s.present() < len(s.hubs) && time.Since(start) < resurrection {
		time.Sleep(time.Second) // a stream a second is what a stranger may have
	}
	hubtest.Report(s.t, "%d of %d were members again %v later", s.present(), len(s.hubs), time.Since(start).Round(time.Second))
	if s.present() < len(s.hubs) {
		s.t.Error("a death that was forged lasts")
	}
	hubtest.Report(s.t, "a notice then reached four hubs in %v", s.noticeArrives("After the funeral").Round(time.Millisecond))
	s.callsArrive(len(s.hubs), "after the funeral")
}

// present counts our hubs among those whom the first one takes for alive.
func (s *siege) present() int {
	ours := map[string]bool{}
	for _, m := range s.spy() {
		for _, id := range s.id {
			if strings.HasPrefix(m.name, id+".") && m.alive {
				ours[id] = true
			}
		}
	}
	return len(ours)
}
