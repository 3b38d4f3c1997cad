package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"

	lru "github.com/hashicorp/golang-lru"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed locales/*.json
var locales embed.FS

// Words holds every sentence of the hub in every language. It never changes after LoadWords and is safe to share.
type Words struct {
	langs   []*Lang
	matcher language.Matcher
	matched *lru.Cache // of *Lang by what was asked for: the phones of a block ask for few things, and matching costs a third of a kept page
}

// matchedSize bounds the answers that Match remembers.
const matchedSize = 64

// sentence is one message of a catalogue: Plain, or Forms by CLDR plural category, chosen by the first argument.
type sentence struct {
	Plain string
	Forms map[string]string
}

// UnmarshalJSON takes a string, or an object of plural forms such as {"one": …, "other": …}.
func (s *sentence) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, &s.Forms)
	}
	return json.Unmarshal(b, &s.Plain)
}

// message gives the sentence in the terms of x/text. Forms are sorted only so that errors do not depend on map order:
// the categories of one language exclude each other, but for "other", which x/text wants last.
func (s sentence) message() catalog.Message {
	if s.Forms == nil {
		return catalog.String(s.Plain)
	}
	var names []string
	for name := range s.Forms {
		if name != "other" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var cases []any
	for _, name := range append(names, "other") {
		cases = append(cases, name, catalog.String(s.Forms[name]))
	}
	return plural.Selectf(1, "%d", cases...)
}

// LoadWords reads the embedded catalogues: one file per language, named by its BCP 47 tag. An error is a mistake in the
// files (JSON, a plural category that the language does not have) and names the file and key.
func LoadWords() (*Words, error) {
	names, err := locales.ReadDir("locales")
	if err != nil {
		return nil, err
	}
	builder := catalog.NewBuilder(catalog.Fallback(language.English))
	w := &Words{}
	for _, name := range names {
		lang, err := load(builder, name.Name())
		if err != nil {
			return nil, fmt.Errorf("locales/%s: %w", name.Name(), err)
		}
		w.langs = append(w.langs, lang)
	}
	// English leads: the matcher falls back to the first, and so do we for a key that another language lacks.
	sort.SliceStable(w.langs, func(i, j int) bool { return w.langs[i].Code == "en" && w.langs[j].Code != "en" })
	tags := make([]language.Tag, len(w.langs))
	for i, l := range w.langs {
		l.printer = message.NewPrinter(l.Tag, message.Catalog(builder))
		l.fallback = w.langs[0].keys
		tags[i] = l.Tag
	}
	w.matcher = language.NewMatcher(tags)
	w.matched, err = lru.New(matchedSize)
	return w, err
}

func load(builder *catalog.Builder, file string) (*Lang, error) {
	tag, err := language.Parse(strings.TrimSuffix(file, ".json"))
	if err != nil {
		return nil, err
	}
	raw, err := locales.ReadFile(path.Join("locales", file))
	if err != nil {
		return nil, err
	}
	var all map[string]sentence
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	keys := make(map[string]bool, len(all))
	for key, s := range all {
		if err := builder.Set(tag, key, s.message()); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		keys[key] = true
	}
	return newLang(tag, all["web.language"].Plain, keys), nil
}

// Match finds the language for a reader. preferred are BCP 47 tags or whole Accept-Language values, dearest first; what
// does not parse is passed over. Without a match it is English; never nil.
func (w *Words) Match(preferred ...string) *Lang {
	key := strings.Join(preferred, "\n")
	if l, ok := w.matched.Get(key); ok {
		return l.(*Lang)
	}
	l := w.langs[0]
	for _, p := range preferred {
		if found, ok := w.match(p); ok {
			l = found
			break
		}
	}
	if len(key) <= longestWish {
		w.matched.Add(key, l)
	}
	return l
}

// longestWish bounds a header from a stranger, in bytes; real ones are shorter.
const longestWish = 200

func (w *Words) match(wish string) (*Lang, bool) {
	if len(wish) > longestWish {
		return nil, false
	}
	tags, _, err := language.ParseAcceptLanguage(wish)
	if err != nil || len(tags) == 0 {
		return nil, false
	}
	_, i, confidence := w.matcher.Match(tags...)
	return w.langs[i], confidence > language.No
}

// All lists the languages, English first, then by tag.
func (w *Words) All() []*Lang { return w.langs }
