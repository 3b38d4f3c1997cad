package noticeboard

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

// maxPhotos is how many a notice may have.
const maxPhotos = 4

// Draft is a notice as somebody writes it.
type Draft struct {
	Words
	Kind     Kind
	Lang     string // BCP 47 tag of the words, "" if it was not said
	Starts   string // of an event: local date and time as a browser sends it, or RFC 3339; "" if it was not said
	Expires  string // RFC 3339 date or instant, "" for what is usual
	Reach    body.Reach
	Pictures []*photo.Picture
}

// check trims and refuses what breaks a rule by itself.
func (d *Draft) check() error {
	d.Title, d.Text, d.Place = tidy(d.Title), strings.TrimSpace(d.Text), tidy(d.Place)
	d.Lang = tag(d.Lang)
	for _, f := range []struct {
		broken bool
		fault  *fault.Fault
	}{
		{!d.Kind.valid(), fault.New(fault.Invalid, "notice.kind-unknown").On("kind")},
		{d.Title == "", fault.New(fault.Invalid, "notice.title-missing").On("title")},
		{tooLong(d.Title, maxTitle), fault.New(fault.Invalid, "notice.title-long", maxTitle).On("title")},
		{tooLong(d.Text, maxText), fault.New(fault.Invalid, "notice.text-long", maxText).On("text")},
		{tooLong(d.Place, maxPlace), fault.New(fault.Invalid, "notice.place-long", maxPlace).On("place")},
		{!utf8.ValidString(d.Title + d.Text + d.Place), fault.New(fault.Invalid, "notice.text-broken").On("text")},
		{!reachable(d.Reach), fault.New(fault.Invalid, "notice.reach-unknown").On("reach")},
		{len(d.Pictures) > maxPhotos, fault.New(fault.Invalid, "notice.photos-many", maxPhotos).On("photo")},
	} {
		if f.broken {
			return f.fault
		}
	}
	return nil
}

// tidy makes one line of a line.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func tooLong(s string, n int) bool { return utf8.RuneCountInString(s) > n }

// starting reads when an event starts, 0 for not said.
func (s *Service) starting(d Draft) (int64, error) {
	if d.Starts == "" || d.Kind != Happening {
		return 0, nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04", d.Starts, s.o.Zone); err == nil {
		return millis(t), nil
	}
	t, ok := instant(d.Starts, s.o.Zone)
	if !ok {
		return 0, fault.New(fault.Invalid, "notice.starts-form").On("starts")
	}
	return millis(t), nil
}

// sealed are the bodies of a draft, made before the queue.
type sealed struct {
	words    *body.Sealed
	pictures []*body.Sealed
	sizes    []*photo.Picture
	bytes    int64
}

func seal(d Draft, reach body.Reach) sealed {
	s := sealed{words: body.Seal(bytesOf(d.Words), reach), sizes: d.Pictures}
	s.bytes = int64(len(s.words.Bytes))
	for _, p := range d.Pictures {
		s.pictures = append(s.pictures, body.Seal(p.JPEG, reach))
		s.bytes += int64(len(p.JPEG))
	}
	return s
}

// hang appends the pictures of a notice.
func (s sealed) hang(d *record.Decision, a act, notice string) {
	for i, p := range s.pictures {
		data := picturedData{notice, s.sizes[i].Width, s.sizes[i].Height}
		d.Append(record.Event{Kind: pictured, By: a.Member, For: a.Household, Data: record.Data(data)}, p)
	}
}

// Post puts a notice on the board and names its event.
func (s *Service) Post(ctx context.Context, o Order, draft Draft) (record.Ref, error) {
	if err := draft.check(); err != nil {
		return record.Ref{}, err
	}
	starts, err := s.starting(draft)
	if err != nil {
		return record.Ref{}, err
	}
	bodies, room := seal(draft, draft.Reach), s.o.Room()
	receipt, err := s.do(ctx, o, "notice.post", func(a act, d *record.Decision) error {
		ends, err := s.expiry(draft.Expires, draft.Kind, starts, a.Now())
		if err != nil {
			return err
		}
		if err := s.mayPost(a); err != nil {
			return err
		}
		data := postedData{Kind: draft.Kind, Lang: draft.Lang, Expires: stamp(ends)}
		if starts != 0 {
			data.Starts = stamp(at(starts))
		}
		leaf := d.Append(record.Event{Kind: posted, By: a.Member, For: a.Household, Data: record.Data(data)}, bodies.words)
		bodies.hang(d, a, record.Hex(leaf))
		return makeRoom(a, d, room, bodies.bytes)
	})
	return receipt.First(), err
}

// mayPost holds a household to its number of notices in 24 hours.
func (s *Service) mayPost(a act) error {
	since, n := a.Now().Add(-day).UnixMilli(), 0
	prefix := key([]byte(a.Household), []byte{0})
	for k := range a.Table(service, "daily").Back(key(prefix, num(1<<63-1))) {
		h, ok := parseHit(prefix, k, listing{}.bytes())
		if !ok || h.at < since {
			return nil
		}
		if n++; n >= s.o.Daily {
			return fault.New(fault.TooMany, "notice.daily", s.o.Daily)
		}
	}
	return nil
}
