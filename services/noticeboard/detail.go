package noticeboard

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Detail is a notice with all that was said and done about it, for one reader.
type Detail struct {
	Item
	Withdrawn bool      `json:"withdrawn,omitempty"`
	Version   string    `json:"version"` // leaf of the words shown, for an edit
	Thanks    string    `json:"thanks,omitempty"`
	Hidden    *Hidden   `json:"hidden,omitempty"`
	Replies   []Comment `json:"replies"`
	Claims    []Claimed `json:"claims,omitempty"`
	Flags     []Flagged `json:"flags,omitempty"` // for stewards

	May May `json:"-"`
}

// Hidden is why something was hidden.
type Hidden struct {
	Reason string    `json:"reason"` // one of Reasons
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"at"`
	Hub    string    `json:"hub,omitempty"` // name of the hub that hid it, "" for ours
}

// Said is who said or did something, and when.
type Said struct {
	ID      string    `json:"id"`
	By      string    `json:"by,omitempty"`
	Name    string    `json:"name,omitempty"`
	HubName string    `json:"hub_name,omitempty"` // "" for ours
	At      time.Time `json:"at"`
}

// Comment is a comment.
type Comment struct {
	Said
	State  WordState `json:"words"`
	Text   string    `json:"text,omitempty"`
	Hidden *Hidden   `json:"hidden,omitempty"`

	MayErase, MayHide, MayShow bool `json:"-"`
}

// Claimed is a claim.
type Claimed struct {
	Said
	State ClaimState `json:"state"`

	MayRelease bool `json:"-"`
}

// Flagged is a flag, for stewards.
type Flagged struct {
	Said
	Text string `json:"text,omitempty"`
}

// Read gathers a notice and what belongs to it. An unknown one is NotFound.
func (s *Service) Read(v record.View, r Reader, id ID) (Detail, error) {
	n, err := find(v, id)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Item: s.item(v, r, id, n), Withdrawn: n.Gone != 0, Version: n.Words, Replies: []Comment{}}
	d.Hidden = s.hiddenFor(v, id)
	d.May = may(v, r, id, n, d)
	if d.State != WordsHere && d.State != WordsErased {
		return d, nil
	}
	if raw, state := open(v, r, id.Origin(), leafOf(n.Thanks), n.Reach); n.Thanks != "" && state == WordsHere {
		d.Thanks = cut(string(raw), maxSay)
	}
	for _, c := range replies(v, "comment", id) {
		d.Replies = append(d.Replies, s.comment(v, r, c))
	}
	for _, c := range claimsOf(v, id) {
		d.Claims = append(d.Claims, s.claim(v, r, id, n, c))
	}
	if r.Steward {
		for _, f := range replies(v, "flag", id) {
			d.Flags = append(d.Flags, s.flag(v, r, f))
		}
	}
	return d, nil
}

func (s *Service) hiddenFor(v record.View, id ID) *Hidden {
	by, h, veiled := hidingOf(v, id)
	if !veiled {
		return nil
	}
	out := &Hidden{Reason: h.Reason, At: s.local(h.At)}
	if by != v.Self() {
		out.Hub = s.o.Hubs.HubName(v, by)
	}
	if b := v.Body(by, leafOf(h.Leaf)); h.Words && b.State == body.Here && b.Reach == body.Far {
		out.Words = cut(string(b.Bytes), maxSay)
	}
	return out
}

func (s *Service) said(v record.View, r Reader, about rival, by string) Said {
	o := about.id.Origin()
	said := Said{ID: about.id.String(), By: by, At: s.local(about.At)}
	if by != "" {
		said.Name = s.o.Members.NameOf(v, o, by, r.known())
	}
	if o != v.Self() {
		said.HubName = s.o.Hubs.HubName(v, o)
	}
	return said
}

func (s *Service) comment(v record.View, r Reader, c rival) Comment {
	raw, state := open(v, r, c.id.Origin(), leafOf(c.Leaf), c.Reach)
	out := Comment{State: state, Hidden: s.hiddenFor(v, c.id)}
	said, ok := readSaying(raw)
	switch {
	case state != WordsHere:
	case !ok:
		out.State = WordsUnreadable
	case out.Hidden != nil && !r.Steward:
		out.State = WordsHidden
	default:
		out.Text = said.Text
	}
	ours := c.id.Origin() == v.Self()
	mine := r.known() && ours && said.By == r.Member
	out.MayErase = out.State == WordsHere && ours && (mine || r.Steward)
	out.MayHide = out.State == WordsHere && r.Steward && out.Hidden == nil
	out.MayShow = r.Steward && out.Hidden != nil && out.Hidden.Hub == ""
	out.Said = s.said(v, r, c, said.By)
	if out.State == WordsHidden {
		out.By, out.Name = "", ""
	}
	return out
}

func (s *Service) claim(v record.View, r Reader, id ID, n notice, c claimOn) Claimed {
	claimer := r.known() && c.id.Origin() == v.Self() && c.By == r.Member
	author := r.known() && id.Origin() == v.Self() && n.By == r.Member
	live := c.State == Won || c.State == Waiting && claimer
	return Claimed{s.said(v, r, c.rival, c.By), c.State, live && n.Done == 0 && (claimer || author)}
}

func (s *Service) flag(v record.View, r Reader, f rival) Flagged {
	raw, _ := open(v, r, f.id.Origin(), leafOf(f.Leaf), body.Stewards)
	said, _ := readSaying(raw)
	return Flagged{s.said(v, r, f, said.By), said.Text}
}

// Flags lists the notices that members of this hub have flagged and that are still to be seen here.
func (s *Service) Flags(v record.View, r Reader) []Item {
	var items []Item
	var last ID
	for k := range v.Table(service, "flagged").From(nil) {
		id := ID(k[:len(ID{})])
		n, held := load(v, id)
		if _, _, veiled := hidingOf(v, id); id == last || !held || n.Gone != 0 || veiled {
			continue
		}
		if last = id; len(items) == pageSize {
			break
		}
		items = append(items, s.item(v, r, id, n))
	}
	return items
}
