package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"commonhub/hub/hubtest"
)

// spender pays one hour from one household's account, again and again with one key until somebody answers.
type spender struct {
	key   string
	index uint64 // of its event
	won   bool
	done  bool
}

// spend asks once; an answer that never came leaves it open.
func (s *spender) spend(url, token string) {
	form, _ := json.Marshal(map[string]string{"way": "give", "to": "h1", "unit": "hour", "amount": "1:00", "key": s.key})
	req, err := http.NewRequest(http.MethodPost, url+"/ledger/transfers", bytes.NewReader(form))
	if err != nil {
		panic(err) // the address is ours
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "Authorization": "Bearer " + token} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	var made hubtest.Posted
	switch {
	case res.StatusCode == http.StatusCreated && json.NewDecoder(res.Body).Decode(&made) == nil:
		if s.won && s.index != made.Index {
			panic(fmt.Sprintf("the key %s made events %d and %d", s.key, s.index, made.Index))
		}
		s.index, s.won, s.done = made.Index, true, true
	case res.StatusCode == http.StatusConflict:
		s.done = true
	}
}

// Sixty-four phones spend one account down to its floor while the power goes: what was acknowledged is in the books, asking again with the
// same key pays nothing twice, and in the end exactly as many have paid as there was credit for.
func TestSpendersAndKill(t *testing.T) {
	h := hubtest.Start(t, hubtest.Options{Args: []string{"--mesh=false"}})
	h.Settle("ana")
	payer := h.Join("The Bakers", "ben")
	spenders := make([]spender, 64)
	for i := range spenders {
		spenders[i].key = fmt.Sprint("phone ", i)
	}
	// killAt is the number of answers at which the hub is killed, in the middle of all the others; 0 is never.
	everybody := func(killAt int64) {
		var all sync.WaitGroup
		var answers atomic.Int64
		for i := range spenders {
			if spenders[i].done {
				continue
			}
			all.Go(func() {
				spenders[i].spend(h.URL, payer.Token)
				if answers.Add(1) == killAt {
					h.Kill()
				}
			})
		}
		all.Wait()
		if killAt > 0 {
			h.Kill() // also when too few were left to ask
		}
	}
	acknowledged := 0
	for range 3 {
		everybody(2)
		h.Start()
		acknowledged = won(spenders)
		if got := books(t, h, payer); got.Balance > int64(-60*acknowledged) || got.Balance < -1200 {
			t.Fatalf("%d payments were acknowledged, and the account stands at %d minutes", acknowledged, got.Balance)
		}
	}
	unanswered := open(spenders)
	everybody(0)
	got := books(t, h, payer)
	if n := won(spenders); n != 20 || got.Balance != -1200 || got.Given != 1200 {
		t.Errorf("%d of 64 paid, the account stands at %d minutes and gave %d; want 20, -1200 and 1200", n, got.Balance, got.Given)
	}
	hubtest.Report(t, "%d payments were acknowledged before the last kill, %d phones had no answer", acknowledged, unanswered)
}

func won(spenders []spender) (n int) {
	for i := range spenders {
		if spenders[i].won {
			n++
		}
	}
	return n
}

func open(spenders []spender) (n int) {
	for i := range spenders {
		if !spenders[i].done {
			n++
		}
	}
	return n
}

type standing struct {
	Balance int64 `json:"balance"`
	Given   int64 `json:"given"`
}

// books reads what a member's household has.
func books(t *testing.T, h *hubtest.Hub, m *hubtest.Member) standing {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/ledger", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+m.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var page struct {
		Mine []standing `json:"mine"`
	}
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil || len(page.Mine) != 1 {
		t.Fatalf("the ledger answered %+v: %v", page, err)
	}
	return page.Mine[0]
}
