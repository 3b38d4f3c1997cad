package noticeboard

import (
	"bytes"
	"iter"
	"slices"
	"strings"

	"commonhub/hub/record"
)

// The word index has one key for each word of each notice, all over the file. Writing them notice by notice would dirty a page a word,
// which is most of what a lone post writes to the flash. So the newest notices of each record are only listed as fresh, and a search
// walks them one by one; when the record begins its next page of 256 events, the words of the page before go into the index
// together. Which notices are fresh follows from the positions in the record alone, so that the tables come out the same
// whenever and in whatever order events and words arrive.
const freshPage = 256

// turnPage notes that a notice was posted at a position, and indexes what is no longer fresh.
func turnPage(e record.Edit, id ID, index uint64) error {
	latest := e.Own("latest")
	before := record.ParseNum(latest.Get(id.hub()))
	if err := latest.Put(id.hub(), record.Num(max(before, index))); err != nil || index/freshPage <= before/freshPage {
		return err
	}
	var stale [][2][]byte
	for k, v := range e.Own("fresh").From(nil) {
		if bytes.Equal(ID(k[8:]).hub(), id.hub()) {
			stale = append(stale, [2][]byte{slices.Clone(k), slices.Clone(v)})
		}
	}
	for _, f := range stale {
		if err := e.Own("fresh").Delete(f[0]); err != nil {
			return err
		}
		at, id := int64(record.ParseNum(f[0][:8])), ID(f[0][8:])
		if err := putWords(e, at, id, spokenBy(e.View, id, record.ParseNum(f[1]))); err != nil {
			return err
		}
	}
	return nil
}

// isFresh tells whether a notice is on the newest page of its record.
func isFresh(v record.View, id ID, n *notice) bool {
	return n.Index/freshPage == record.ParseNum(v.Table(service, "latest").Get(id.hub()))/freshPage
}

// listWords lists a notice under these words and no others.
func listWords(e record.Edit, id ID, n *notice, words []string) error {
	fresh := isFresh(e.View, id, n)
	if !fresh {
		for _, w := range spokenBy(e.View, id, n.Index) {
			if err := e.Own("word").Delete(wordKey(w, n.At, id)); err != nil {
				return err
			}
		}
	}
	if err := toggle(e.Own("spoken"), spokenKey(id, n.Index), []byte(strings.Join(words, " ")), len(words) > 0); err != nil {
		return err
	}
	if fresh {
		return toggle(e.Own("fresh"), key(num(n.At), id[:]), record.Num(n.Index), len(words) > 0)
	}
	return putWords(e, n.At, id, words)
}

func putWords(e record.Edit, posted int64, id ID, words []string) error {
	for _, w := range words {
		if err := e.Own("word").Put(wordKey(w, posted, id), []byte{}); err != nil {
			return err
		}
	}
	return nil
}

// spokenBy are the words under which a notice is listed. index is that of its posting, which keeps those of one day next to each other.
func spokenBy(v record.View, id ID, index uint64) []string {
	return strings.Fields(string(v.Table(service, "spoken").Get(spokenKey(id, index))))
}

func spokenKey(id ID, index uint64) []byte { return key(id.hub(), record.Num(index)) }

func wordKey(word string, ms int64, id ID) []byte {
	return key([]byte(word), []byte{0}, num(ms), id[:])
}

// freshWith walks the fresh notices that have a word, newest first.
func freshWith(v record.View, word string, from spot, floor int64) iter.Seq[hit] {
	return func(yield func(hit) bool) {
		for k, index := range v.Table(service, "fresh").Back(from.bytes()) {
			h, ok := parseHit(nil, k, listing{}.bytes())
			if !ok || h.at < floor {
				return
			}
			if hasAll(v, h.id, record.ParseNum(index), []string{word}) && !yield(h) {
				return
			}
		}
	}
}
