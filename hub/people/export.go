package people

import (
	"context"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Exported is the head of a member's download: everything private, and who they are. The member `entries` follows in the
// same JSON object: an array of ExportedEntry, ascending by index.
type Exported struct {
	Hub           string    `json:"hub"` // origin of the record
	Made          time.Time `json:"made"`
	Member        Member    `json:"member"`
	HouseholdName string    `json:"householdName,omitempty"`
	Settings      Settings  `json:"settings"`
	Sessions      []Session `json:"sessions"`
	Tokens        []Token   `json:"tokens"`
	RecoveryCodes int       `json:"recoveryCodesLeft"`
}

// ExportedEntry is one event by the member, or for the member's household, with its words if they are here.
type ExportedEntry struct {
	Index uint64          `json:"index"`
	Leaf  string          `json:"leaf"` // hexadecimal
	Kind  string          `json:"kind"`
	At    time.Time       `json:"at"`
	By    string          `json:"by,omitempty"`
	For   string          `json:"for,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Reach body.Reach      `json:"reach,omitempty"`
	Text  string          `json:"text,omitempty"`  // the body, if it is text
	Bytes []byte          `json:"bytes,omitempty"` // the body in base64, if it is not
}

// Export writes all that is a member's and their household's as one JSON object. It streams, one entry at a time: a
// member's pictures may be larger than the machine's memory, and a slow phone must not hold a transaction open. What is
// the household's but meant for stewards only goes without its words.
//
// Errors: fault Denied; those of w.
func (p *People) Export(ctx context.Context, handle string, w io.Writer) error {
	head, err := p.exported(handle)
	if err != nil {
		return err
	}
	refs, err := p.find(ctx, handle, func(v record.View, e record.Entry) bool {
		return e.By == handle || e.For == handle || e.For == head.Member.Household
	})
	if err != nil {
		return err
	}
	raw := record.Data(head)
	raw = append(raw[:len(raw)-1], `,"entries":[`...)
	for i, ref := range refs {
		if i > 0 {
			raw = append(raw, ",\n"...)
		}
		entry, err := p.exportedEntry(ref, handle)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(raw, entry...)); err != nil {
			return err
		}
		raw = raw[:0]
	}
	_, err = w.Write(append(raw, "]}\n"...))
	return err
}

// exportedEntry spells one entry in a transaction of its own.
func (p *People) exportedEntry(ref record.Ref, handle string) (raw json.RawMessage, err error) {
	err = p.record.Read(func(v record.View) error {
		e, err := v.Entry(ref.Origin, ref.Index)
		raw = record.Data(exportEntry(v, e, handle))
		return err
	})
	return raw, err
}

func (p *People) exported(handle string) (x Exported, err error) {
	err = p.record.Read(func(v record.View) error {
		home, _, err := p.Acting(v, handle)
		if err != nil {
			return err
		}
		m, err := p.Member(v, v.Self(), handle, true)
		if err != nil {
			return err
		}
		settings, err := p.Settings(v, handle)
		x = Exported{
			Hub: string(v.Self()), Made: v.Now(), Member: m, HouseholdName: p.NameOf(v, v.Self(), home, true),
			Settings: settings, Sessions: p.Sessions(v, handle), Tokens: p.Tokens(v, handle), RecoveryCodes: p.CodesLeft(v, handle),
		}
		return err
	})
	return x, err
}

func exportEntry(v record.View, e record.Entry, handle string) ExportedEntry {
	x := ExportedEntry{
		Index: e.Index, Leaf: record.Hex(e.Leaf), Kind: e.Kind, At: e.At, By: e.By, For: e.For, Data: e.Data, Reach: e.Reach,
	}
	if e.Event.Body == "" || e.By != handle && e.Reach == body.Stewards {
		return x
	}
	if b := v.Body(e.Origin, e.Leaf); b.State == body.Here && utf8.Valid(b.Bytes) {
		x.Text = string(b.Bytes)
	} else if b.State == body.Here {
		x.Bytes = b.Bytes
	}
	return x
}
