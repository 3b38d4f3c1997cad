package hub

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
)

// Only what nobody wrote to may be let go: the rest would come back as it was on disk.
func TestPristine(t *testing.T) {
	const smaps = `00400000-00b17000 r-xp 00000000 fe:00 77 /bin/hub
Rss:                6428 kB
Anonymous:             0 kB
00b17000-011db000 r--p 00717000 fe:00 77 /bin/hub
Anonymous:             4 kB
011db000-0125f000 rw-p 00ddb000 fe:00 77 /bin/hub
Anonymous:             0 kB
0125f000-032a4000 rw-p 00000000 00:00 0
Anonymous:             0 kB
04000000-05000000 r--s 00000000 fe:00 78 /data/hub.db
Anonymous:             0 kB
06000000-06001000 r--p 00ddc000 fe:00 77 /bin/hub
Anonymous:             0 kB
`
	want := []span{{0x400000, 0xb17000}, {0x6000000, 0x6001000}}
	if got := pristine(smaps, "/bin/hub"); !slices.Equal(got, want) {
		t.Errorf("pristine spans %x, want %x", got, want)
	}
}

// Code and constants that were let go come back as they were.
func TestUnloadedProgramGoesOn(t *testing.T) {
	const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := unloadProgram(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(nil)); got != want {
		t.Errorf("the hash of nothing is %s", got)
	}
}
