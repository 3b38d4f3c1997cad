package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// households is how many a record may have: ten blocks in one. The noticeboard allows each twenty notices a day, and the benchmark asks
// for no exception: 300 times twenty notices are what one folder can take.
const (
	households = 300
	daily      = 20
	quota      = households * daily
)

// history is how far back the oldest seeded notice lies. With their usual lives some are over and most are not.
const history = 60 * 24 * time.Hour

// seed is a data folder with a member in every household, and a bearer token of each.
type seed struct {
	dir    string
	tokens []string
}

// seed makes a folder with so many events of a noticeboard once; copy gives copies of it.
func (b *bench) seed(events int) (seed, error) { return b.seedOf("seed", events, month) }

// seedOf makes a folder with so many events, which fill appends some thousand at a time: at most as many as it is told.
func (b *bench) seedOf(name string, events int, fill func(r *record.Record, most int) error) (seed, error) {
	key := fmt.Sprint(name, events)
	if s, ok := b.seeds[key]; ok {
		return s, nil
	}
	dir, err := b.folder(name)
	if err != nil {
		return seed{}, err
	}
	s := seed{dir: dir}
	if s.tokens, err = sow(dir, events, fill); err != nil {
		return seed{}, err
	}
	// Nobody has applied the events yet: whatever opens the folder with the services at hand does so.
	if _, err := b.command("record", "verify", dir); err != nil {
		return seed{}, err
	}
	b.seeds[key] = s
	return s, nil
}

// copy gives a folder like the seed's that may be written to.
func (b *bench) copy(s seed) (string, error) {
	dir, err := b.folder("copy")
	if err != nil {
		return "", err
	}
	return dir, os.CopyFS(dir, os.DirFS(s.dir))
}

// sow fills a folder with the words that services write themselves, many to a transaction and without syncing: how fast notices come
// in is measured elsewhere. The services are not asked, because this program may not know it: the record keeps events of kinds that
// nobody knows, and the hub applies them when it starts.
func sow(dir string, events int, fill func(r *record.Record, most int) error) (tokens []string, err error) {
	db, err := store.Open(dir, store.Options{Volatile: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Sync(), db.Close()) }()
	p := people.New()
	born := time.Now().Add(-history)
	step := history / time.Duration(events+1)
	now := func() time.Time { return born }
	r, err := record.Open(db, record.Options{Services: []record.Service{p, mirror.View{}}, Now: func() time.Time { return now() }})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p.Open(r, people.Options{})
	if tokens, err = populate(r, p); err != nil {
		return nil, err
	}
	now = func() time.Time { return born.Add(time.Duration(r.Size()) * step) }
	for r.Size() < uint64(events) {
		if err := fill(r, events-int(r.Size())); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// about is the data of the events by which households and members come to be; see package people.
type about struct {
	Household string `json:"household,omitempty"`
	Member    string `json:"member,omitempty"`
}

// populate adds households with a member each, by the events that a claim and joining leave, and makes them tokens. Joining itself
// would hash three hundred secrets.
func populate(r *record.Record, p *people.People) (tokens []string, err error) {
	_, err = r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		for n := 1; n <= households; n++ {
			home, member := fmt.Sprint("h", n), fmt.Sprint("m", n)
			d.Append(record.Event{Kind: people.HouseholdAdded, By: people.Console, For: home, Data: record.Data(about{Household: home})})
			d.Append(record.Event{Kind: people.MemberJoined, By: member, For: home, Data: record.Data(about{home, member})})
		}
		d.Append(record.Event{Kind: people.StewardAppointed, By: people.Console, For: "h1", Data: record.Data(about{Member: "m1"})})
		return d, nil
	}})
	for n := 1; n <= households && err == nil; n++ {
		var bearer string
		bearer, _, err = p.MakeToken(context.Background(), people.Order{Actor: people.Console}, fmt.Sprint("m", n), "bench")
		tokens = append(tokens, bearer)
	}
	return tokens, err
}

// month appends a lifelike stretch of events: of ten, seven notices, two comments on them and one that is done.
func month(r *record.Record, most int) error {
	_, err := r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		var leaf record.Hash
		var by string
		for i := range min(1000, most) {
			n := int(v.Size(v.Self())) + i
			switch i % 10 {
			case 3, 6:
				comment(d, v.Self(), leaf, n)
			case 9:
				d.Append(record.Event{Kind: "notice.done", By: by, For: "h" + by[1:], Data: record.Data(map[string]string{"notice": record.Hex(leaf)})})
			default:
				leaf, by = notice(d, n, v.Now())
			}
		}
		return d, nil
	}})
	return err
}
