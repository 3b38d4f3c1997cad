package hubtest

import (
	"context"
	"encoding/json"
	"testing"
	"time"
)

// called is a call-out as its page's JSON says it.
type called struct {
	Over         string
	Recorded     bool
	Seen, Coming int
}

func callOutAt(h *Hub, id string) (c called) {
	h.t.Helper()
	if err := json.Unmarshal(h.JSON("/callouts/"+id), &c); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// Pots and pans: what one block calls out stands above every page of its neighbours, and their answers come back.
func TestCallOutReachesThreeHubs(t *testing.T) {
	program := Program(t)
	loopback := []string{"--mesh-listen", "127.0.0.1:0"}
	a := Start(t, Options{Program: program, Args: append(loopback, "--name", "Block A")})
	join := append(loopback, "--join", a.URL)
	b := Start(t, Options{Program: program, Args: append(join, "--name", "Block B")})
	c := Start(t, Options{Program: program, Args: append(join, "--name", "Block C")})
	for _, h := range []*Hub{b, c} {
		h.Accept(a)
		a.Accept(h)
	}
	ana, ben := a.Settle("ana"), b.Settle("ben")

	const words = "Smoke in the stairwell of number four"
	start := time.Now()
	var p Posted
	ana.Do("/callouts", CallOut{Text: words, Severity: "extreme", Urgency: "immediate", Sure: "yes"}, &p)
	for name, h := range map[string]*Hub{"b": b, "c": c} {
		Until(t, "the call-out stands above the pages of "+name, func() bool { return h.Shows("/people", words) })
		Report(t, "a call-out of a stood above the pages of %s after %v", name, time.Since(start).Round(time.Millisecond))
	}
	for name, h := range map[string]*Hub{"b": b, "c": c} {
		Until(t, "its entry is read at "+name, func() bool { return callOutAt(h, p.ID).Recorded })
		Report(t, "its entry was read by %s after %v", name, time.Since(start).Round(time.Millisecond))
	}
	start = time.Now()
	ben.Act("/callouts/"+p.ID+"/coming", struct{}{})
	Until(t, "a knows that somebody of b is coming", func() bool { return callOutAt(a, p.ID).Coming == 1 })
	Report(t, "a knew that somebody of b is coming after %v", time.Since(start).Round(time.Millisecond))

	start = time.Now()
	ana.Act("/callouts/"+p.ID+"/resolve", struct{}{})
	Until(t, "c says that it is resolved", func() bool { return callOutAt(c, p.ID).Over == "resolved" && !c.Shows("/people", words) })
	Report(t, "c said that it is resolved after %v", time.Since(start).Round(time.Millisecond))
}

// A hub whose record cannot be read is heard all the same, and what it called out is in the record when it can be read again.
func TestCallOutWithoutTheRecord(t *testing.T) {
	link, program := NewBridge(t), Program(t)
	hosts := map[string]string{}
	hubs := map[string]*Hub{}
	for _, name := range []string{"a", "b", "c"} {
		hosts[name] = link.Host(name)
		hubs[name] = Start(t, Options{Program: program, Namespace: hosts[name], Args: []string{"--name", "Block " + name}})
	}
	a := hubs["a"]
	ana := a.Settle("ana")
	for _, name := range []string{"b", "c"} {
		hubs[name].Accept(a)
		a.Accept(hubs[name])
		Until(t, name+" has all of a's record", func() bool {
			n, _ := hubs[name].Neighbour(a.ID())
			return n.Synced > 0 && n.Behind == 0
		})
	}
	// The table of local addresses is asked first; after it is moved, a rule can go before it.
	IP(t, "-n %s rule add pref 100 lookup local", hosts["a"])
	IP(t, "-n %s rule del pref 0", hosts["a"])
	IP(t, "-n %s rule add pref 10 iif eth0 ipproto tcp dport 8080 blackhole", hosts["a"])
	cut, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if conn, err := DialFrom(cut, hosts["b"], "tcp", "10.77.0.1:8080"); err == nil {
		conn.Close()
		t.Fatal("b still reaches a's record")
	}

	const words = "Water in the cellars, up to the knee"
	start := time.Now()
	var p Posted
	ana.Do("/callouts", CallOut{Text: words, Severity: "severe", Urgency: "immediate", Sure: "yes"}, &p)
	for _, name := range []string{"b", "c"} {
		h := hubs[name]
		Until(t, "the call-out stands above the pages of "+name, func() bool { return h.Shows("/people", words) })
		Report(t, "a call-out of a, whose record nobody could read, stood above the pages of %s after %v", name, time.Since(start).Round(time.Millisecond))
		if callOutAt(h, p.ID).Recorded {
			t.Errorf("%s has read what nobody can reach: the link is not cut", name)
		}
	}
	b := hubs["b"]
	b.Kill()
	start = time.Now()
	b.Start()
	Until(t, "b, which forgot it in a power cut, hears it again", func() bool { return b.Shows("/people", words) })
	Report(t, "b, killed and started again, showed it after %v", time.Since(start).Round(time.Millisecond))

	IP(t, "-n %s rule del pref 10", hosts["a"])
	start = time.Now()
	for _, name := range []string{"b", "c"} {
		Until(t, "the entry is read at "+name, func() bool { return callOutAt(hubs[name], p.ID).Recorded })
	}
	Report(t, "the entries were read %v after the link was mended", time.Since(start).Round(time.Millisecond))
}
