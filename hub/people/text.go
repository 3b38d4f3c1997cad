package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

// Bounds of what people type, in characters unless told.
const (
	maxName     = 60
	minSecret   = 8
	maxSecret   = 256 // bytes
	maxTyped    = 1 << 10
	maxLanguage = 35 // RFC 5646, section 4.4.1
)

// plain cleans a line of text: NFC, single spaces, no control characters. False when it is none, or too long.
func plain(s string) (string, bool) {
	if len(s) > maxTyped || !utf8.ValidString(s) {
		return "", false
	}
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	ok := utf8.RuneCountInString(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl)
	return s, ok
}

// cleanName checks a name that people will see; an empty one is the caller's business.
func cleanName(s, field string) (string, error) {
	name, ok := plain(s)
	if !ok {
		return "", fault.New(fault.Invalid, "people.name-odd", maxName).On(field)
	}
	return name, nil
}

// foldName is the form by which sign-in names are compared: NFKC, case-folded, without invisible signs. Two names that a
// person cannot tell apart on paper must not be two names.
func foldName(s string) (string, error) {
	name, ok := plain(s)
	if !ok {
		return "", fault.New(fault.Invalid, "people.name-odd", maxName).On("name")
	}
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(visible)))
	if folded = strings.TrimSpace(folded); folded == "" {
		return "", fault.New(fault.Invalid, "people.sign-in-name-missing").On("name")
	}
	return folded, nil
}

// checkSecret refuses what is short, huge, or the sign-in name itself. It asks for no digits or signs: length is what helps.
func checkSecret(secret, foldedName string) error {
	if !utf8.ValidString(secret) || len(secret) > maxSecret {
		return fault.New(fault.Invalid, "people.secret-odd", maxSecret).On("secret")
	}
	if utf8.RuneCountInString(secret) < minSecret {
		return fault.New(fault.Invalid, "people.secret-short", minSecret).On("secret")
	}
	if same, err := foldName(secret); err == nil && same == foldedName {
		return fault.New(fault.Invalid, "people.secret-is-name").On("secret")
	}
	return nil
}

// cleanLanguage checks a BCP 47 tag; "" stays "" and means whatever the browser asks for.
func cleanLanguage(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	tag, err := language.Parse(s)
	if err != nil || len(s) > maxLanguage {
		return "", fault.New(fault.Invalid, "people.language-odd").On("language")
	}
	return tag.String(), nil
}

// cleanReach checks the reach of a name, which is for neighbours unless its owner says otherwise.
func cleanReach(r body.Reach) (body.Reach, error) {
	switch r {
	case "":
		return body.Neighbours, nil
	case body.Hub, body.Neighbours, body.Far:
		return r, nil
	}
	return "", fault.New(fault.Invalid, "people.reach-odd").On("reach")
}

// device is all that is kept of a User-Agent: enough to recognise one's own phone in a list, too little to track it.
func device(agent string) string {
	if len(agent) > maxTyped {
		return ""
	}
	first := func(names ...string) string {
		for _, n := range names {
			if strings.Contains(agent, n) {
				return n
			}
		}
		return ""
	}
	browser := first("Firefox", "SamsungBrowser", "Edg", "Opera", "Chrome", "Safari", "curl", "Go-http-client")
	system := first("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
	return strings.TrimSuffix(strings.TrimPrefix(browser+", "+system, ", "), ", ")
}
