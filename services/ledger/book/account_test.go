package book

import (
	"strconv"
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	for account, want := range map[Account]string{"h7": "H7Y", "h17": "H17F", "p1": "P1D", "s0": "S0D", "n3": "N3W"} {
		code := account.Code()
		if code != want {
			t.Errorf("the code of %s is %s, want %s", account, code, want)
		}
		for _, typed := range []string{code, strings.ToLower(code), " " + code[:1] + " " + code[1:] + " ", code[:2] + "-" + code[2:]} {
			if a, ok := ParseCode(typed); !ok || a != account {
				t.Errorf("%q is read as %q, %v", typed, a, ok)
			}
		}
	}
	if a, ok := ParseCode("h١٧" + string(Account("h17").check())); !ok || a != "h17" {
		t.Errorf("Arabic digits are read as %q, %v", a, ok)
	}
	for _, wrong := range []string{"", "h", "h7", "7", "x7B", "h07Y", "hh7", "H7\x00", strings.Repeat("9", 100), "h99999999999B", "p0B"} {
		if a, ok := ParseCode(wrong); ok {
			t.Errorf("%q is read as %s", wrong, a)
		}
	}
}

// Whoever hears or types one sign wrong, or two neighbouring digits in the wrong order, is told so.
func TestCodesCatchMistakes(t *testing.T) {
	for n := 1; n < 1000; n++ {
		a := numbered('h', uint64(n))
		code := a.Code()
		for i := range len(code) {
			for _, sign := range []byte("0123456789HPGSN" + checks) {
				wrong := code[:i] + string(sign) + code[i+1:]
				if b, ok := ParseCode(wrong); ok && b != a {
					t.Fatalf("%s mistaken for %s is taken as %s", code, wrong, b)
				}
			}
			if i+1 < len(code) {
				swapped := code[:i] + code[i+1:i+2] + code[i:i+1] + code[i+2:]
				if b, ok := ParseCode(swapped); ok && b != a {
					t.Fatalf("%s swapped to %s is taken as %s", code, swapped, b)
				}
			}
		}
	}
}

func TestAccounts(t *testing.T) {
	for a, letter := range map[Account]byte{
		"h1": 'h', "s0": 's', "p12": 'p', "xabcdefghijklmnop": 'x', "h0": 0, "h01": 0, "h-1": 0, "h+1": 0, "q1": 0, "h": 0, "": 0, "xabc": 0,
		"h2147483648": 0,
	} {
		if got := a.Letter(); got != letter {
			t.Errorf("%q is of kind %q, want %q", a, got, letter)
		}
	}
	if a := Account("h" + strconv.Itoa(1<<31-1)); a.Number() != 1<<31-1 {
		t.Errorf("%s is number %d", a, a.Number())
	}
}
