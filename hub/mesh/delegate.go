package mesh

import (
	"bytes"

	"github.com/hashicorp/memberlist"
)

// delegate is what memberlist calls. It runs on memberlist's goroutines, some of them under its
// locks, so it only copies and hands over: it blocks on nothing and never calls memberlist.
type delegate struct {
	meta   []byte
	queue  *memberlist.TransmitLimitedQueue
	m      *Mesh
	gossip chan []byte   // rumours as they come, one each
	states chan [][]byte // rumours of a push/pull

	callOuts chan []byte
}

var (
	_ memberlist.Delegate      = (*delegate)(nil)
	_ memberlist.EventDelegate = (*delegate)(nil)
)

const (
	gossipBuffer = 64
	statesBuffer = 4
	criesBuffer  = 32
)

func newDelegate(m *Mesh, meta []byte) *delegate {
	return &delegate{
		meta: meta, m: m, gossip: make(chan []byte, gossipBuffer), states: make(chan [][]byte, statesBuffer),
		callOuts: make(chan []byte, criesBuffer),
		queue: &memberlist.TransmitLimitedQueue{
			NumNodes:       func() int { return m.roster.count() + 1 },
			RetransmitMult: retransmit,
		},
	}
}

// NodeMeta gives our card, which stays the same as long as our member name.
func (d *delegate) NodeMeta(int) []byte { return d.meta }

// NotifyMsg takes a rumour or a call-out; the slice belongs to memberlist.
func (d *delegate) NotifyMsg(b []byte) {
	to := d.callOuts
	if len(b) == rumourLength && b[0] == kindSize {
		to = d.gossip
	} else if !isCallOut(b) {
		return
	}
	select {
	case to <- bytes.Clone(b):
	default:
	}
}

// GetBroadcasts gives rumours that have not been passed on often enough.
func (d *delegate) GetBroadcasts(overhead, limit int) [][]byte {
	return d.queue.GetBroadcasts(overhead, limit)
}

// LocalState gives the fresh rumours and call-outs, for those who missed them.
func (d *delegate) LocalState(bool) []byte { return append(d.m.cries.state(), d.m.rumours.state()...) }

// MergeRemoteState takes another hub's LocalState.
func (d *delegate) MergeRemoteState(b []byte, _ bool) {
	if len(b) > stateSize {
		return
	}
	rumours, callOuts, ok := splitState(bytes.Clone(b))
	if !ok {
		return
	}
	for _, b := range callOuts {
		d.NotifyMsg(b)
	}
	select {
	case d.states <- rumours:
	default:
	}
}

// NotifyJoin adds a member whose card the checker has passed.
func (d *delegate) NotifyJoin(n *memberlist.Node) {
	c, err := cardOf(n)
	if err != nil || c.claim == d.m.self {
		return
	}
	copied := *n
	copied.Addr, copied.Meta = bytes.Clone(n.Addr), nil
	d.m.roster.add(member{card: c, node: copied})
	d.m.met(c)
}

// NotifyUpdate is a join under a known name, with a new address.
func (d *delegate) NotifyUpdate(n *memberlist.Node) { d.NotifyJoin(n) }

// NotifyLeave lowers what we expect of a hub. The book keeps it: anyone can say that a hub is dead.
func (d *delegate) NotifyLeave(n *memberlist.Node) { d.m.roster.remove(n.Name) }

// whisper is a rumour in the broadcast queue, where a newer one of the same hub replaces it.
type whisper rumour

var _ memberlist.NamedBroadcast = whisper{}

func (w whisper) Name() string                          { return w.id + string(w.key[:]) }
func (w whisper) Message() []byte                       { return w.bytes }
func (w whisper) Invalidates(memberlist.Broadcast) bool { return false }
func (w whisper) Finished()                             {}
