package ledger

import (
	"encoding/json"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Reader is for whom something is read; the zero Reader is any guest, whose pages everybody shares.
type Reader struct {
	Member    string
	Household string
	Steward   bool
}

func (r Reader) known() bool { return r.Member != "" }

// sight is one look into the ledger: what a transaction holds, for one reader.
type sight struct {
	record.View
	book.Books
	s *Service
	r Reader
}

// look opens the ledger for a reader.
func (s *Service) look(r Reader, fn func(l sight) error) error {
	return s.record.Read(func(v record.View) error { return fn(sight{v, booksOf(v), s, r}) })
}

// Name is an account as a reader may know it.
type Name struct {
	Account book.Account `json:"account"`
	Code    string       `json:"code,omitempty"`
	Text    string       `json:"name,omitempty"` // "" if it has none, or is one of those whose name every language has
}

// name finds what an account is called.
func (l sight) name(a book.Account) Name {
	n := Name{Account: a, Code: a.Code()}
	if o, line := a.Line(); line {
		n.Text = l.s.o.Hubs.HubName(l.View, o)
		return n
	}
	if a.Household() {
		n.Text = l.s.o.Members.NameOf(l.View, l.Self(), string(a), l.r.known())
		return n
	}
	if p, opened := l.Place(a); opened {
		n.Text = l.words(p.Named).Text
	}
	return n
}

// WordState says what became of words, as this reader may know it.
type WordState string

// States of words.
const (
	WordsNone    WordState = "none" // nothing was written
	WordsHere    WordState = "here"
	WordsErased  WordState = "erased"
	WordsMembers WordState = "members"  // for the members of this hub: the reader should sign in
	WordsClosed  WordState = "stewards" // for stewards alone
)

// Said is what somebody wrote, as far as the reader may read it.
type Said struct {
	State WordState `json:"state"`
	Text  string    `json:"text,omitempty"`
	Giver Name      `json:"giver,omitzero"` // of a gift whose giver only stewards may know
}

// words reads the body of one of our events. Its leaf is in the books, because reading the entry itself would unpack its whole bundle.
func (l sight) words(index uint64) Said {
	leaf, said := l.Leaf(index)
	if !said {
		return Said{State: WordsNone}
	}
	return l.wordsAt(leaf)
}

// wordsOf is words of an event that is at hand.
func (l sight) wordsOf(n record.Entry) Said {
	if n.Event.Body == "" {
		return Said{State: WordsNone}
	}
	return l.wordsAt(n.Leaf)
}

func (l sight) wordsAt(leaf record.Hash) Said {
	b := l.View.Body(l.Self(), leaf)
	switch {
	case (b.Reach == body.Hub || b.Reach == body.Neighbours) && !l.r.known():
		return Said{State: WordsMembers}
	case b.Reach == body.Stewards && !l.r.Steward:
		return Said{State: WordsClosed}
	}
	var w words
	if b.State != body.Here || json.Unmarshal(b.Bytes, &w) != nil {
		return Said{State: WordsErased}
	}
	said := Said{State: WordsHere, Text: w.Text}
	if w.Giver != "" {
		said.Giver = l.name(book.Account(w.Giver))
	}
	return said
}

// Person is a member as a reader may know them.
type Person struct {
	Handle string `json:"handle"`
	Name   string `json:"name,omitempty"`
}

func (l sight) person(handle string) Person {
	return Person{handle, l.s.o.Members.NameOf(l.View, l.Self(), handle, l.r.known())}
}

// Item is an entry of the books as pages show it.
type Item struct {
	Index    uint64       `json:"index"`
	Kind     string       `json:"kind"`
	At       time.Time    `json:"at"`
	Day      string       `json:"day,omitempty"`
	By       Person       `json:"by"`
	From     Name         `json:"from"` // of the first that gives
	To       Name         `json:"to"`   // of the first that receives
	Amount   money.Amount `json:"amount"`
	More     int          `json:"more,omitempty"` // further legs
	Memo     Said         `json:"memo"`
	Of       *uint64      `json:"of,omitempty"`
	Reverses bool         `json:"reverses,omitempty"`
	Reversed *uint64      `json:"reversed,omitempty"` // by that entry
}

// item dresses a posting.
func (l sight) item(p book.Posting) Item {
	i := Item{
		Index: p.Index, Kind: p.Kind, At: p.At.In(l.s.o.Zone), Day: p.Day, By: l.person(p.By), Of: p.Of,
		Memo: l.words(l.memoOf(p)), Reverses: p.Reverses(), More: max(0, len(p.Legs)-2),
	}
	for _, leg := range p.Legs {
		switch {
		case leg.Amount < 0 && i.From.Account == "":
			i.From = l.name(leg.Account)
		case leg.Amount > 0 && i.To.Account == "":
			i.To = l.name(leg.Account)
			i.Amount = l.Amount(leg.Amount, leg.Unit)
		}
	}
	if p.Kind == book.ReceivedKind {
		i.Memo = l.theirMemo(p.Index)
	}
	if by, reversed := l.ReversedBy(p.Index); reversed {
		i.Reversed = &by
	}
	return i
}

// memoOf is the event whose words say what an entry is for: what was asked for, not the yes to it.
func (l sight) memoOf(p book.Posting) uint64 {
	if p.Of == nil {
		return p.Index
	}
	switch p.Kind {
	case book.AgreedKind, book.FinishedKind, book.WriteoffAgreedKind:
		return *p.Of
	case book.PaidKind:
		if x, ok := l.Expense(*p.Of); ok {
			return x.Words
		}
	}
	return p.Index
}

// items dresses the newest entries below an index; next is where the following page begins, 0 at the end.
func (l sight) items(below uint64, limit int) (items []Item, next uint64, err error) {
	items = []Item{}
	for p, err := range l.PostingsBack(below) {
		if err != nil {
			return nil, 0, err
		}
		if len(items) == limit {
			return items, items[limit-1].Index, nil
		}
		items = append(items, l.item(p))
	}
	return items, 0, nil
}

// Pot is a pot with what is in it.
type Pot struct {
	Name
	Holds  money.Amount `json:"holds"`
	Target int64        `json:"target,omitempty"` // minor units
	InKind bool         `json:"in_kind,omitempty"`
	Shut   bool         `json:"shut,omitempty"`
}

func (l sight) pots() []Pot {
	all := []Pot{}
	for _, p := range l.Places('p') {
		held := l.Totals(p.Account, p.Unit).Balance
		all = append(all, Pot{l.name(p.Account), l.Amount(held, p.Unit), p.Target, p.InKind, p.Shut})
	}
	return all
}

// purposes are what the fund may be spent on.
func (l sight) purposes() []Name {
	all := []Name{l.name(book.Sundries)}
	for _, p := range l.Places('s') {
		if !p.Shut {
			all = append(all, l.name(p.Account))
		}
	}
	return all
}

// households lists the credit accounts of ours.
func (l sight) households() []Name {
	all := []Name{}
	for _, h := range l.s.o.Members.HouseholdHandles(l.View) {
		all = append(all, l.name(book.Account(h)))
	}
	return all
}
