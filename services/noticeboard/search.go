package noticeboard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Bounds of the word index.
const (
	maxWordRunes  = 24  // longer words are cut, in the index and in the query alike
	maxWords      = 300 // distinct words that one notice may bring into the index
	maxQueryWords = 6
)

// fold brings spellings together that a reader takes for one: compatibility forms and case, accents, Arabic vowel signs and
// the many shapes of alef and ya, Hebrew points and final letters, the digits of every script.
func fold(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return strings.ToLower(s)
	}
	t := transform.Chain(norm.NFKC, cases.Fold(), norm.NFD, runes.Remove(runes.In(unicode.Mn)), runes.Map(letter), norm.NFC)
	out, _, err := transform.String(t, s)
	if err != nil {
		return strings.ToLower(s)
	}
	return out
}

// letter maps what no normal form maps. Decomposition has already parted hamza and madda from alef, waw and ya.
func letter(r rune) rune {
	switch r {
	case 'ٱ':
		return 'ا'
	case 'ى', 'ی':
		return 'ي'
	case 'ک':
		return 'ك'
	case 'ة', 'ۃ':
		return 'ه'
	case 'ך':
		return 'כ'
	case 'ם':
		return 'מ'
	case 'ן':
		return 'נ'
	case 'ף':
		return 'פ'
	case 'ץ':
		return 'צ'
	}
	if r > unicode.MaxASCII && unicode.Is(unicode.Nd, r) {
		return '0' + digit(r)
	}
	return r
}

// digit is the value of a decimal digit: Unicode keeps the ten of each script together, zero first.
func digit(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return n
}

// split cuts folded text into words of letters and digits. Tatweel only stretches a word and is no letter.
func split(s string) []string {
	s = strings.ReplaceAll(s, "\u0640", "")
	words := strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i, w := range words {
		words[i] = cut(w, maxWordRunes)
	}
	return words
}

// cut shortens s to n runes.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// wordsOf lists the distinct words under which a text is found, at most maxWords. A word that begins with an article or a
// prefixed particle is listed without it too: "والمثقاب" is found as "مثقاب", "המקדחה" as "מקדחה".
func wordsOf(text string) []string {
	seen := make(map[string]bool)
	var list []string
	add := func(w string) {
		if w != "" && !seen[w] && len(list) < maxWords {
			seen[w] = true
			list = append(list, w)
		}
	}
	for _, w := range split(text) {
		add(w)
		add(bare(w))
	}
	return list
}

// bare is w without its prefixed article or particle, "" if it has none. At least three letters stay for Hebrew and two for
// Arabic: shorter rests are more often part of the word.
func bare(w string) string {
	for _, article := range []string{"وال", "بال", "كال", "فال", "ال", "لل"} {
		if rest, ok := strings.CutPrefix(w, article); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	for _, particle := range []string{"ה", "ב", "ל", "ו", "מ", "ש", "כ"} {
		if rest, ok := strings.CutPrefix(w, particle); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return ""
}

// queryOf turns what somebody typed into the words that must all begin a word of the notice. The Arabic article says nothing
// in a query; a Hebrew letter in front may well belong to the word, so it stays.
func queryOf(q string) []string {
	words := split(cut(q, 200))
	if len(words) > maxQueryWords {
		words = words[:maxQueryWords]
	}
	for i, w := range words {
		if strings.HasPrefix(w, "ا") || strings.HasPrefix(w, "و") {
			if rest := bare(w); rest != "" {
				words[i] = rest
			}
		}
	}
	return words
}
