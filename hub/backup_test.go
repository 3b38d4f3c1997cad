package hub_test

import (
	"bytes"
	"os"
	"testing"

	"filippo.io/age"

	"commonhub/hub"
	"commonhub/hub/fault"
)

// sealed is anything, sealed as a backup is.
func sealed(t *testing.T, passphrase string, inside []byte) *bytes.Buffer {
	t.Helper()
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(10)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(inside)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestFailedRestoreLeavesNothing: whoever took a damaged backup tries the next one with the same empty folder.
func TestFailedRestoreLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		err := hub.Restore(dir, sealed(t, "a passphrase", make([]byte, 4096)), "a passphrase")
		if err == nil || fault.Of(err).Key != "hub.bad-backup" {
			t.Errorf("garbage was restored: %v", err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}
