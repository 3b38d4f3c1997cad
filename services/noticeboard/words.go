package noticeboard

import (
	"bytes"
	"image/jpeg"
	"iter"
	"slices"

	"commonhub/hub/body"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

// Words brings what a body says into the tables when it arrives, and out of them when it goes. Bodies come in any order, and
// may come again.
func (s *Service) Words(e record.Edit, entry record.Entry, b body.Body) error {
	id, ok := idOf(entry.Origin, entry.Leaf)
	if !ok {
		return nil
	}
	here := b.State == body.Here
	household := entry.For
	switch entry.Kind {
	case posted, edited:
		if err := spoken(e, entry, id, b); err != nil {
			return err
		}
	case pictured:
		if err := developed(e, entry, id, b); err != nil {
			return err
		}
	case commented, flagged:
		said, _ := readSaying(b.Bytes)
		if here {
			household = said.For
		}
		if err := heard(e, entry, id, said, here); err != nil {
			return err
		}
	}
	if entry.Origin != e.Self() {
		return nil
	}
	return weigh(e, entry.Index, household, b)
}

// spoken lists a notice under its words, if they are those that count: an edit has retired earlier ones.
func spoken(e record.Edit, entry record.Entry, id ID, b body.Body) error {
	if entry.Kind == edited {
		d, _ := record.Decode[editedData](entry.Event)
		id, _ = own(entry, d.Notice)
	}
	n, held := load(e.View, id)
	if !held || n.Words != record.Hex(entry.Leaf) {
		return nil
	}
	if err := lodge(e, id, n.Words, n.Ends, b.State == body.Here); err != nil {
		return err
	}
	if b.State != body.Here {
		return listWords(e, id, &n, nil)
	}
	w, _ := readWords(b.Bytes)
	return listWords(e, id, &n, wordsOf(w.Title+"\n"+w.Text+"\n"+w.Place))
}

// developed notes that a picture is here; of ours also how soon it may have to go.
func developed(e record.Edit, entry record.Entry, id ID, b body.Body) error {
	d, _ := record.Decode[picturedData](entry.Event)
	about, _ := own(entry, d.Notice)
	n, held := load(e.View, about)
	here := b.State == body.Here
	if err := toggle(e.Own("picture"), id[:], about[:], here && showable(b.Bytes)); err != nil {
		return err
	}
	if !held {
		return nil
	}
	return toggle(e.Own(keepOf(e.View, id)), key(num(n.Ends), id[:]), entry.Leaf[:], here)
}

// showable keeps from browsers what another hub may call a picture: no JPEG, or a small file that unfolds to a huge one.
func showable(raw []byte) bool {
	c, err := jpeg.DecodeConfig(bytes.NewReader(raw))
	return err == nil && c.Width <= photo.MaxSide && c.Height <= photo.MaxSide
}

// moveAlbum follows a new expiry.
func moveAlbum(e record.Edit, id ID, from, to int64) error {
	n, _ := load(e.View, id)
	album := e.Own(keepOf(e.View, id))
	leaves := []string{n.Words}
	for _, p := range n.Pictures {
		leaves = append(leaves, p.Leaf)
	}
	for _, l := range leaves {
		pid, _ := idOf(id.Origin(), leafOf(l))
		leaf := slices.Clone(album.Get(key(num(from), pid[:])))
		if leaf == nil {
			continue
		}
		if err := album.Delete(key(num(from), pid[:])); err != nil {
			return err
		}
		if err := album.Put(key(num(to), pid[:]), leaf); err != nil {
			return err
		}
	}
	return nil
}

// who is by whom a comment or flag is.
type who struct {
	By    string `json:"by"`
	For   string `json:"for"`
	About string `json:"about"` // URL form of the notice's ID
}

// heard notes by whom a comment or flag is; of ours also for that member, and that they have flagged.
func heard(e record.Edit, entry record.Entry, id ID, said saying, here bool) error {
	d, _ := record.Decode[aboutData](entry.Event)
	_, about, _ := d.About.ref()
	before, _ := record.Load[who](e.Own("said").Table, id[:])
	if entry.Origin == e.Self() {
		by := said.By
		if !here {
			by = before.By
		}
		if err := toggle(e.Own("mine"), mineKey(by, entry.Index), []byte{}, here); err != nil {
			return err
		}
		if entry.Kind == flagged {
			if err := toggle(e.Own("flagged"), key(about[:], []byte(by)), []byte{}, here); err != nil {
				return err
			}
		}
	}
	return toggle(e.Own("said"), id[:], bytesOf(who{said.By, said.For, about.String()}), here)
}

func mineKey(member string, index uint64) []byte {
	return key([]byte(member), []byte{0}, record.Num(index))
}

// Mine yields the indexes of a member's comments and flags in our own record, which itself does not say whose they are.
func (s *Service) Mine(v record.View, member string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for k := range v.Table(service, "mine").Prefix(key([]byte(member), []byte{0})) {
			if !yield(record.ParseNum(k[len(k)-8:])) {
				return
			}
		}
	}
}
