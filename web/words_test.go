package web

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func words(t *testing.T) *Words {
	t.Helper()
	w, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// catalogues reads the files themselves, by language code.
func catalogues(t *testing.T) map[string]map[string]sentence {
	t.Helper()
	all := make(map[string]map[string]sentence)
	for _, l := range words(t).All() {
		raw, err := locales.ReadFile("locales/" + l.Code + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var c map[string]sentence
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		all[l.Code] = c
	}
	return all
}

// forms lists, for each plural category of a language, some whole numbers that fall into it.
func forms(tag language.Tag) map[string][]int {
	names := map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	found := make(map[string][]int)
	for n := range 1200 {
		name := names[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
		found[name] = append(found[name], n)
	}
	return found
}

// problems compares one sentence of a language with the same one in English.
func problems(tag language.Tag, mine, english sentence) []string {
	if (mine.Forms == nil) != (english.Forms == nil) {
		return []string{"has plural forms in one language only"}
	}
	want := placeholders(english.whole())
	if mine.Forms == nil {
		return differ("", placeholders(mine.Plain), want)
	}
	var all []string
	for form, numbers := range forms(tag) {
		text, ok := mine.Forms[form]
		if !ok {
			all = append(all, "lacks the plural form "+form)
			continue
		}
		have := placeholders(text)
		// "two hours ago" need not say the number, but only where the form has a single one.
		if len(numbers) == 1 && !slices.Contains(have, "%[1]d") {
			have = append([]string{"%[1]d"}, have...)
		}
		all = append(all, differ(form+": ", have, want)...)
	}
	return all
}

func (s sentence) whole() string {
	if s.Forms != nil {
		return s.Forms["other"]
	}
	return s.Plain
}

func differ(form string, have, want []string) []string {
	if slices.Equal(have, want) {
		return nil
	}
	return []string{form + "has placeholders " + strings.Join(have, " ") + ", want " + strings.Join(want, " ")}
}

// placeholders lists what is filled in, sorted, each once. A verb without an index counts as "bare": languages order differently.
func placeholders(text string) []string {
	var all []string
	for _, verb := range regexp.MustCompile(`%(\[\d\][a-z]|%|.?)`).FindAllString(text, -1) {
		switch {
		case verb == "%%":
		case strings.HasPrefix(verb, "%["):
			all = append(all, verb)
		default:
			all = append(all, "bare "+verb)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestCataloguesAgree(t *testing.T) {
	all := catalogues(t)
	for code, mine := range all {
		for key, english := range all["en"] {
			s, ok := mine[key]
			if !ok {
				t.Errorf("%s: %s is missing", code, key)
				continue
			}
			for _, problem := range problems(language.MustParse(code), s, english) {
				t.Errorf("%s: %s %s", code, key, problem)
			}
			for _, verb := range placeholders(s.whole()) {
				if strings.HasPrefix(verb, "bare") {
					t.Errorf("%s: %s has a placeholder without an index: %s", code, key, verb)
				}
			}
		}
		for key := range mine {
			if _, ok := all["en"][key]; !ok {
				t.Errorf("%s: %s is in no other language", code, key)
			}
		}
	}
}

func TestProblemsAreSeen(t *testing.T) {
	ar := language.Arabic
	full := sentence{Forms: map[string]string{"zero": "%[1]d", "one": "a", "two": "b", "few": "%[1]d", "many": "%[1]d", "other": "%[1]d"}}
	english := sentence{Forms: map[string]string{"one": "%[1]d", "other": "%[1]d"}}
	if p := problems(ar, full, english); len(p) > 0 {
		t.Errorf("a good sentence has problems: %q", p)
	}
	for name, bad := range map[string]sentence{
		"no forms":    {Plain: "%[1]d"},
		"missing few": {Forms: map[string]string{"zero": "%[1]d", "one": "a", "two": "b", "many": "%[1]d", "other": "%[1]d"}},
		"few without": {Forms: map[string]string{"zero": "a", "one": "a", "two": "b", "few": "c", "many": "%[1]d", "other": "%[1]d"}},
		"other verb":  {Forms: map[string]string{"zero": "a", "one": "a", "two": "b", "few": "%[1]s", "many": "%[1]d", "other": "%[1]d"}},
	} {
		if len(problems(ar, bad, english)) == 0 {
			t.Errorf("%s: no problem seen", name)
		}
	}
}

// uses finds the keys that a source file names: sentences, faults, navigation, flashes. A key that ends in what the
// program adds, such as "notice.kind-" + kind, is given with the quote's "+" as its last character.
func uses(source string) []string {
	var all []string
	for _, re := range []string{
		`\.T\(\s*"([a-z-]+\.[^"]+)"(\s*\+)?`,
		`\.Has\(\s*"([a-z-]+\.[^"]+)"(\s*\+)?`,
		`fault\.New\(\s*fault\.[A-Za-z]+,\s*"([^"]+)"(\s*\+)?`,
		`\b(?:Key|Flash):\s*"([a-z-]+\.[^"]+)"(\s*\+)?`,
	} {
		for _, m := range regexp.MustCompile(re).FindAllStringSubmatch(source, -1) {
			if m[2] != "" {
				m[1] += "+"
			}
			all = append(all, m[1])
		}
	}
	return all
}

func TestEveryKeyInTheSourcesExists(t *testing.T) {
	english := catalogues(t)["en"]
	exists := func(use string) bool {
		stem, open := strings.CutSuffix(use, "+")
		if !open {
			_, ok := english[use]
			return ok
		}
		for key := range english {
			if strings.HasPrefix(key, stem) {
				return true
			}
		}
		return false
	}
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == ".git" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, use := range uses(string(source)) {
			seen++
			if !exists(use) {
				t.Errorf("%s names %q, which no catalogue has", path, use)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 30 {
		t.Errorf("found only %d keys in the sources: the search is broken", seen)
	}
}

func TestUses(t *testing.T) {
	got := uses(`f.T("a.b", 1); f.T("a.c-" + kind); fault.New(fault.Denied, "a.d"); Outcome{Flash: "a.e"}; NavItem{Key: "a.f"}`)
	if want := []string{"a.b", "a.c-+", "a.d", "a.f", "a.e"}; !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("uses = %q, want %q", got, want)
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }
