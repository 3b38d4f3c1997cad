package noticeboard

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"commonhub/hub/record"
)

// maxSpellings bounds how many words of the index one word of a query may begin.
const maxSpellings = 64

// found yields notices that have all the words, newest first. The longest word leads, because it is most likely the rarest; a
// candidate's own list of words answers for the others, so that no two long lists are ever intersected.
func found(v record.View, words []string, q Query, from spot, floor int64) iter.Seq[hit] {
	lead := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	runs := []iter.Seq[hit]{freshWith(v, lead, from, floor)}
	for _, w := range spellings(v, lead) {
		runs = append(runs, postings(v, w, from, floor))
	}
	return func(yield func(hit) bool) {
		last := ID{}
		for h := range merge(runs) {
			if h.id == last { // two words of one notice begin alike
				continue
			}
			last = h.id
			if !admit(v, &h, words, q) {
				h.ends, h.state = 0, stateHidden
			}
			if !yield(h) {
				return
			}
		}
	}
}

// stateHidden marks a candidate that no list wants, so that it still counts as walked.
const stateHidden byte = 255

// admit checks what the word index does not know and fills in what the other index would.
func admit(v record.View, h *hit, words []string, q Query) bool {
	n, held := load(v, h.id)
	if !held || !hasAll(v, h.id, n.Index, words) {
		return false
	}
	places := placesOf(v, h.id, &n)
	scope := scopeOf(q)
	h.listing = listing{n.Ends, n.Kind.number(), n.state()}
	return slices.ContainsFunc(places, func(k []byte) bool { return bytes.HasPrefix(k, scope) })
}

func hasAll(v record.View, id ID, index uint64, words []string) bool {
	list := spokenBy(v, id, index)
	for _, w := range words {
		if !slices.ContainsFunc(list, func(have string) bool { return matches(have, w) }) {
			return false
		}
	}
	return true
}

// matches tells whether a word of a notice answers one of a query: it begins with it. A single letter must stand alone, as
// nearly everything begins with it.
func matches(have, w string) bool {
	return have == w || utf8.RuneCountInString(w) > 1 && strings.HasPrefix(have, w)
}

// spellings lists the words of the index that a word of a query begins.
func spellings(v record.View, w string) []string {
	var list []string
	index := v.Table(service, "word")
	seek := []byte(w)
	for len(list) < maxSpellings {
		word, ok := firstWord(index, seek)
		if !ok || !strings.HasPrefix(word, w) {
			break
		}
		if matches(word, w) {
			list = append(list, word)
		}
		if utf8.RuneCountInString(w) == 1 {
			break
		}
		seek = append([]byte(word), 1) // behind all that is listed under this word
	}
	return list
}

func firstWord(index record.Table, seek []byte) (string, bool) {
	for k := range index.From(seek) {
		word, _, ok := bytes.Cut(k, []byte{0})
		return string(word), ok
	}
	return "", false
}

// postings walks the notices under one word of the index.
func postings(v record.View, word string, from spot, floor int64) iter.Seq[hit] {
	prefix := key([]byte(word), []byte{0})
	return func(yield func(hit) bool) {
		for k := range v.Table(service, "word").Back(key(prefix, from.bytes())) {
			h, ok := parseHit(prefix, k, listing{}.bytes())
			if !ok || h.at < floor || !yield(h) {
				return
			}
		}
	}
}
