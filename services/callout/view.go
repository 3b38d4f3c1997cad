package callout

import "commonhub/hub/record"

// Apply brings one event into the tables. Whatever breaks a rule is void, silently.
func (s *Service) Apply(e record.Edit, n record.Entry) error {
	if n.Origin.ID() == "" || n.V != 1 {
		return nil
	}
	switch n.Kind {
	case raised:
		return applyRaised(e, n)
	case updated, cancelled, resolved:
		return applyFollow(e, n)
	case seen, coming:
		return applyAnswer(e, n)
	case blocked, unblocked:
		return applyBlocked(e, n)
	}
	return nil
}

func load(v record.View, id ID) (c call, ok bool) {
	c, ok = record.Load[call](v.Table(service, "call"), []byte(id))
	return c, ok && len(c.Told) > 0
}

func applyRaised(e record.Edit, n record.Entry) error {
	c, ok := begin(n)
	id := idOf(n.Origin, n.Leaf)
	if _, twin := load(e.View, id); !ok || twin || tallyOf(e.View, n.Origin, n.At, nil).refuses(c) != "" {
		return nil
	}
	if err := record.Save(e.Own("call"), []byte(id), c); err != nil {
		return err
	}
	if err := e.Own("index").Put(endKey(c, id), []byte{}); err != nil {
		return err
	}
	return e.Own("daily").Put(under(n.Origin.ID(), num(c.At)+string(id)), []byte(c.sort()+c.By))
}

// applyFollow notes that the record has the event also when it is void: a message that says the same must not count then.
func applyFollow(e record.Edit, n record.Entry) error {
	id, ok := about(n)
	c, held := load(e.View, id)
	if !ok || !held {
		return nil
	}
	if err := e.Own("follow").Put(under(string(id), string(idOf(n.Origin, n.Leaf))), []byte{}); err != nil {
		return err
	}
	before := endKey(c, id)
	if !c.follow(n) {
		return nil
	}
	if err := e.Own("index").Delete(before); err != nil {
		return err
	}
	if err := e.Own("index").Put(endKey(c, id), []byte{}); err != nil {
		return err
	}
	return record.Save(e.Own("call"), []byte(id), c)
}

func endKey(c call, id ID) []byte { return key(num(c.ended()), string(id)) }

// Flags of the answer table.
const (
	hasSeen byte = 1 << iota
	isComing
)

// applyAnswer counts a member once, in whatever order and how often they say it. It never looks at the call-out, which may come later.
func applyAnswer(e record.Edit, n record.Entry) error {
	d, ok := record.Decode[aboutData](n.Event)
	id, named := d.About.id()
	if !ok || !named || !handle(n.By) {
		return nil
	}
	k := answerKey(id, n.Origin, n.By)
	flags := byte(0)
	if old := e.Own("answer").Get(k); len(old) == 1 {
		flags = old[0]
	} else if crowded(e.View, id, n.Origin) {
		return nil
	}
	if flags |= hasSeen; n.Kind == coming {
		flags |= isComing
	}
	return e.Own("answer").Put(k, []byte{flags})
}

func answerKey(id ID, o record.Origin, member string) []byte {
	return under(string(id), o.ID()+member)
}

func crowded(v record.View, id ID, o record.Origin) bool {
	n := 0
	for range v.Table(service, "answer").Prefix(answerKey(id, o, "")) {
		n++
	}
	return n >= maxAnswers
}

// applyBlocked reads our own record alone: whom others do not want to hear is their affair.
func applyBlocked(e record.Edit, n record.Entry) error {
	d, ok := record.Decode[blockedData](n.Event)
	if !ok || n.Origin != e.Self() || n.By == "" || !record.ValidID(d.Hub) || d.Member != "" && !handle(d.Member) {
		return nil
	}
	if n.Kind == unblocked {
		return e.Own("blocked").Delete(under(d.Hub, d.Member))
	}
	return e.Own("blocked").Put(under(d.Hub, d.Member), []byte{})
}

// isBlocked tells whether our stewards want to hear nothing of a member, or of their hub.
func isBlocked(v record.View, o record.Origin, member string) bool {
	t := v.Table(service, "blocked")
	return t.Get(under(o.ID(), "")) != nil || t.Get(under(o.ID(), member)) != nil
}
