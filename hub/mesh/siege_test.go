package mesh

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// siege is five hubs of the real program on one link, a sixth host that attacks, and a seventh that has nothing to do with it.
type siege struct {
	t      *testing.T
	hubs   []*hubtest.Hub
	id     []string
	people []*hubtest.Member
	criers []*hubtest.Crier
	*attacker
}

func besiege(t *testing.T) *siege {
	t.Helper()
	link, program := hubtest.NewBridge(t), hubtest.Program(t)
	s := &siege{t: t, attacker: &attacker{t: t}}
	for i := range 5 {
		args := []string{"--mdns=false", "--mesh-listen", fmt.Sprintf("10.77.0.%d:7946", i+1)}
		for before := range i {
			args = append(args, "--join", fmt.Sprintf("10.77.0.%d:8080", before+1))
		}
		h := hubtest.Start(t, hubtest.Options{Program: program, Namespace: link.Host(fmt.Sprint("hub", i)), Args: args})
		s.hubs, s.id, s.people = append(s.hubs, h), append(s.id, h.ID()), append(s.people, h.Settle("ana"))
	}
	for i, h := range s.hubs {
		for j, other := range s.hubs {
			if i != j {
				h.Accept(other)
			}
		}
	}
	s.space, s.ip = link.Host("foe"), netip.MustParseAddr("10.77.0.6")
	s.away, s.third = link.Host("third"), netip.MustParseAddr("10.77.0.7")
	for i, h := range s.hubs {
		s.criers = append(s.criers, hubtest.NewCrier(h, s.people[i]))
	}
	s.aim(2)
	return s
}

// aim has the attacker turn to the first n hubs.
func (s *siege) aim(n int) {
	s.attacker.hubs = nil
	for i := range n {
		s.attacker.hubs = append(s.attacker.hubs, fmt.Sprintf("10.77.0.%d:7946", i+1))
	}
}

// calls is how many call-outs, of all five hubs in turns, must each arrive at four hubs under each attack. A hub takes 64 messages of
// another within two days, which this test comes close to.
const calls = 20

// callsArrive has the hubs call out in turns. All must arrive.
func (s *siege) callsArrive(n int, when string) {
	s.t.Helper()
	took := hubtest.CryInTurns(s.t, s.hubs, s.criers, n, when)
	hubtest.Report(s.t, "%s: of %d arrivals of call-outs %s", when, n*(len(s.hubs)-1), hubtest.Percentiles(took))
}

// noticeArrives posts at the first hub and waits for the notice at all others, none of which may have lost another.
func (s *siege) noticeArrives(title string) time.Duration {
	s.t.Helper()
	start := time.Now()
	s.people[0].Post(hubtest.Notice{Kind: "news", Title: title, Text: "All is well.", Reach: "neighbours"})
	for i, h := range s.hubs[1:] {
		hubtest.Until(s.t, fmt.Sprintf("hub %d shows %q", i+2, title), func() bool { return h.Shows("/notices", title) })
	}
	took := time.Since(start)
	for i, h := range s.hubs {
		for j, id := range s.id {
			if _, known := h.Neighbour(id); i != j && !known {
				s.t.Errorf("%s: hub %d has lost hub %d", title, i+1, j+1)
			}
		}
	}
	return took
}
