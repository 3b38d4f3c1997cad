package mirror

import (
	"encoding/json"
	"net/http"

	"commonhub/hub/record"
)

// Protocol is the version of what hubs read from each other. Another one is shown as such and not read.
const Protocol = 1

// Description is what a hub says of itself at /.well-known/commonhub. Fields are only ever added.
type Description struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	VKey     string       `json:"vkey"`
	Protocol int          `json:"protocol"`
	Record   string       `json:"record"`  // path below which the record is served
	Mirrors  []MirrorDesc `json:"mirrors"` // of other hubs' records, complete ones
	Gossip   string       `json:"gossip"`  // "ip:port" of the mesh listener, "" without a mesh
	Services []string     `json:"services"`
	Witness  *WitnessDesc `json:"witness,omitempty"` // nil of a hub that does not cosign
	Peers    []string     `json:"peers,omitempty"`   // "http://ip:port" of a few hubs that it has looked at
}

// MirrorDesc names one record that a hub keeps for another.
type MirrorDesc struct {
	ID   string `json:"id"`
	Path string `json:"path"`
	Size uint64 `json:"size"`
	Root string `json:"root"` // base64, at that size
	Name string `json:"name,omitempty"`
	VKey string `json:"vkey,omitempty"` // of the author, from which the id follows
	Hops int    `json:"hops,omitempty"` // from the author to this hub: 1 if it reads the author itself; 0 says nothing
}

// Describe says what this hub is and serves.
func (m *Mirror) Describe() Description {
	self := m.o.Record.Self()
	d := Description{
		ID: self.ID(), Name: m.o.Name(), VKey: m.o.Record.VerifierKey(), Protocol: Protocol,
		Record: "/record/", Gossip: m.o.Gossip(), Services: m.o.Services,
		Witness: describeWitness(m.witness, self, m.o.Record.Key()),
	}
	if m.o.Peers != nil {
		d.Peers = m.o.Peers()
	}
	d.Mirrors = m.mirrors(nil)
	return d
}

// mirrors describes what we keep of other hubs' records, of some origins only unless those are nil.
func (m *Mirror) mirrors(some map[record.Origin]string) []MirrorDesc {
	list := []MirrorDesc{}
	m.o.Record.Read(func(v record.View) error {
		for _, o := range v.Origins() {
			if _, wanted := some[o]; some != nil && !wanted || o == v.Self() {
				continue
			}
			if c, err := v.Checkpoint(o); err == nil {
				one := MirrorDesc{ID: o.ID(), Path: "/mirror/" + o.Hex() + "/", Size: c.Size, Root: c.Root.String()}
				one = m.way(one)
				if live, _ := keysOf(v, one.ID, one.VKey); one.VKey != "" && len(live) > 0 {
					one.VKey = live[0]
				}
				list = append(list, one)
			}
		}
		return nil
	})
	return list
}

func (m *Mirror) serveDescription(w http.ResponseWriter, req *http.Request) {
	data, err := json.Marshal(m.Describe())
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "application/json", askFirst, data)
}
