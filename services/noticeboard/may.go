package noticeboard

import "commonhub/hub/record"

// May is what the reader may do with a notice: the buttons that make sense. Commands judge for themselves.
type May struct {
	Comment, Claim, Flag, Hide, Show                 bool
	Edit, Extend, Finish, Withdraw, Restore, Expunge bool
}

// may works out the buttons.
func may(v record.View, r Reader, id ID, n notice, d Detail) May {
	if !r.known() {
		return May{}
	}
	readable := d.State == WordsHere
	ours := d.Hidden == nil || d.Hidden.Hub == ""
	m := May{
		Comment: readable && n.Gone == 0 && d.Hidden == nil,
		Flag:    readable && !d.Mine && d.Hidden == nil && v.Table(service, "flagged").Get(key(id[:], []byte(r.Member))) == nil,
		Hide:    r.Steward && d.Hidden == nil && n.Gone == 0,
		Show:    r.Steward && d.Hidden != nil && ours,
	}
	m.Claim = m.Comment && !d.Mine && n.Kind.claimable() && n.Taken == "" && n.live(v.Now()) && !waitsFor(v, r, id)
	if d.Mine {
		up := n.Gone == 0 && n.Done == 0
		m.Edit, m.Finish, m.Extend, m.Withdraw = up && readable, up, up && (d.Expired || d.Warn(v.Now())), n.Gone == 0
		m.Restore, m.Expunge = n.Gone != 0, n.Gone != 0 && readable
	}
	return m
}

func waitsFor(v record.View, r Reader, id ID) bool {
	for _, c := range claimsOf(v, id) {
		if c.id.Origin() == v.Self() && c.By == r.Member && c.State == Waiting {
			return true
		}
	}
	return false
}
