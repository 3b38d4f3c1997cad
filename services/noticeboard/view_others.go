package noticeboard

import (
	"slices"

	"commonhub/hub/record"
)

// Events about a notice may stand in any record and so may come before it. They are kept under the notice's ID, held or not,
// and never look at it: that is what makes the order of arrival indifferent.

// applyReply keeps a comment, claim or flag.
func applyReply(e record.Edit, entry record.Entry, id ID) error {
	d, ok := record.Decode[aboutData](entry.Event)
	_, about, named := d.About.ref()
	if !ok || !named {
		return nil
	}
	if entry.Kind != claimed && entry.Body == "" {
		return nil
	}
	r := replyOf(entry)
	switch entry.Kind {
	case commented:
		talk := e.Own("talk")
		if err := talk.Put(about[:], record.Num(record.ParseNum(talk.Get(about[:]))+1)); err != nil {
			return err
		}
		return record.Save(e.Own("comment"), key(about[:], num(r.At), id[:]), r)
	case flagged:
		return record.Save(e.Own("flag"), key(about[:], id[:]), r)
	}
	if entry.By == "" {
		return nil
	}
	if err := record.Save(e.Own("claim"), key(about[:], id[:]), r); err != nil {
		return err
	}
	k := key(about[:], id[:])
	// A rebuild brings our answer, which is in our own record, before the claim.
	if _, held := load(e.View, about); !held || d.About.Origin != e.Self() || e.Own("answer").Get(k) != nil {
		return nil
	}
	return e.Own("open").Put(k, []byte{})
}

// Values of the answer table.
const (
	won  = "won"
	lost = "lost"
)

// applySettled is the answer of the author's hub to a claim. The first answer counts.
func applySettled(e record.Edit, entry record.Entry) error {
	d, ok := record.Decode[settledData](entry.Event)
	id, named := own(entry, d.Notice)
	_, claim, cited := d.Claim.ref()
	k := key(id[:], claim[:])
	if _, held := load(e.View, id); !ok || !named || !cited || !held || entry.By != "" || e.Own("answer").Get(k) != nil {
		return nil
	}
	answer := lost
	if d.Won {
		answer = won
	}
	if err := e.Own("answer").Put(k, []byte(answer)); err != nil {
		return err
	}
	if err := e.Own("open").Delete(k); err != nil {
		return err
	}
	return retake(e, id)
}

// applyReleased gives a claim back. The claimer's own record may say so, or the author's: each is checked by what that record
// itself holds.
func applyReleased(e record.Edit, entry record.Entry) error {
	d, ok := record.Decode[releasedData](entry.Event)
	_, id, named := d.About.ref()
	_, claim, cited := d.Claim.ref()
	if !ok || !named || !cited {
		return nil
	}
	k := key(id[:], claim[:])
	c, claimed := record.Load[reply](e.Own("claim").Table, k)
	n, held := load(e.View, id)
	byClaimer := d.Claim.Origin == entry.Origin && claimed && c.By == entry.By
	byAuthor := d.About.Origin == entry.Origin && held && n.mine(entry)
	if !byClaimer && !byAuthor {
		return nil
	}
	if err := e.Own("released").Put(k, []byte{}); err != nil {
		return err
	}
	return retake(e, id)
}

// retake works out anew who has a notice in hand. It depends on the answers and releases held, not on their order.
func retake(e record.Edit, id ID) error {
	taken := ""
	gaveBack := e.Own("released")
	for k, v := range e.Own("answer").Prefix(id[:]) {
		if string(v) == won && gaveBack.Get(k) == nil {
			taken = ID(k[len(id):]).String()
			break
		}
	}
	return change(e, id, func(n *notice) bool {
		n.Taken = taken
		return true
	})
}

// applyHidden counts at our own hub for every notice, and at every hub for a notice of the record that says so.
func applyHidden(e record.Edit, entry record.Entry) error {
	d, ok := record.Decode[hiddenData](entry.Event)
	k, id, counts := veil(e, entry, d.About)
	if !ok || !counts || entry.By == "" || !slices.Contains(Reasons(), d.Reason) || e.Own("hidden").Get(k) != nil {
		return nil
	}
	n, held := load(e.View, id)
	before := [][]byte(nil)
	if held {
		before = placesOf(e.View, id, &n)
	}
	h := hiding{record.Hex(entry.Leaf), millis(entry.At), d.Reason, entry.Body != ""}
	if err := record.Save(e.Own("hidden"), k, h); err != nil {
		return err
	}
	if err := e.Own("gone").Put(goneKey(h.At, id), []byte{}); err != nil || !held {
		return err
	}
	return relist(e, before, id, &n)
}

// veil is the key of a hiding, and whether that record's word counts here.
func veil(e record.Edit, entry record.Entry, about cite) (k []byte, id ID, counts bool) {
	_, id, named := about.ref()
	hider, ok := idOf(entry.Origin, record.Hash{})
	return key(id[:], hider.hub()), id, named && ok && (entry.Origin == e.Self() || entry.Origin == about.Origin)
}

func applyShown(e record.Edit, entry record.Entry) error {
	d, ok := record.Decode[shownData](entry.Event)
	k, id, counts := veil(e, entry, d.About)
	if !ok || !counts || entry.By == "" {
		return nil
	}
	if d.Undo == withdrawn {
		return unwithdraw(e, entry, id)
	}
	h, hid := record.Load[hiding](e.Own("hidden").Table, k)
	if d.Undo != hidden || !hid {
		return nil
	}
	if err := e.Own("hidden").Delete(k); err != nil {
		return err
	}
	if err := e.Own("gone").Delete(goneKey(h.At, id)); err != nil {
		return err
	}
	return change(e, id, func(*notice) bool { return true })
}

func unwithdraw(e record.Edit, entry record.Entry, id ID) error {
	n, held := load(e.View, id)
	if !held || n.Gone == 0 || id.Origin() != entry.Origin || !n.mine(entry) {
		return nil
	}
	if err := e.Own("gone").Delete(goneKey(n.Gone, id)); err != nil {
		return err
	}
	return change(e, id, func(n *notice) bool {
		n.Gone, n.Changed = 0, millis(entry.At)
		return true
	})
}
