package ledger

import (
	"strings"
	"testing"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

func (h *hub) list(text string) List {
	h.t.Helper()
	slips, err := ReadSlips(text)
	h.must(err)
	return List{Slips: slips, Unit: money.Hour, Mark: '.'}
}

func TestPaperList(t *testing.T) {
	h := newHub(t)
	enter := func(member, text string) error {
		_, err := h.s.EnterList(ctx(), by(member), h.list(text))
		return err
	}
	h.must(enter("m1", "from;to;amount;memo\nh3;h4;1:30;digging\n h5 ; h4 ;0,5;\"a \"\"lift\"\"\"\n"))
	h.wants(money.Hour, "h3 -90, h4 120, h5 -30")
	if err := enter("m3", "h3,h4,1"); err == nil || fault.Of(err).Key != "ledger.stewards-only" {
		t.Errorf("a member entered a list: %v", err)
	}
	size := h.r.Size()
	bad := h.list("h3,h4,18:00\nh3,h4,1:00\nh3,h77,5\nh3,h4\nh3,h4,zero\nh9,h3,2:00,=cmd()")
	_, err := h.s.EnterList(ctx(), by("m1"), bad)
	h.refused(record.Ref{}, err)("ledger.slips-wrong")
	if h.r.Size() != size {
		t.Error("a part of the list was entered")
	}
	h.must(h.r.Read(func(v record.View) error {
		rows, err := h.s.TryList(v, by("m1"), bad)
		var got []string
		for _, row := range rows {
			key := ""
			if row.Fault != nil {
				key = row.Fault.Key
			}
			got = append(got, key)
		}
		want := ",ledger.below-floor,ledger.no-such-account,ledger.slips-columns,ledger.amount-unreadable,"
		if s := strings.Join(got, ","); s != want {
			t.Errorf("the rows say %s, want %s", s, want)
		}
		return err
	}))
}

// Rows of a list share what is there: the second finds what the first left.
func TestListSpendsTogether(t *testing.T) {
	h := newHub(t)
	_, err := h.s.EnterList(ctx(), by("m1"), h.list("h3,h4,20:00\nh4,h3,1:00\nh3,h5,1:00"))
	h.must(err)
	h.wants(money.Hour, "h3 -1200, h4 1140, h5 60")
}

func FuzzReadSlips(f *testing.F) {
	f.Add("from,to,amount\nH3B,H4C,\"1,5\",\"memo\"\n")
	f.Add("h3\th4\t١:٣٠\t\x00")
	f.Add("\"\n\",,,,,")
	f.Add(strings.Repeat(";", 1000))
	f.Fuzz(func(t *testing.T, text string) {
		slips, err := ReadSlips(text)
		if err != nil {
			if _, ours := err.(*fault.Fault); !ours {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		if len(slips) == 0 || len(slips) > maxSlips {
			t.Fatalf("%d rows", len(slips))
		}
		for _, s := range slips {
			if s.Line < 1 {
				t.Fatalf("row at line %d", s.Line)
			}
		}
	})
}
