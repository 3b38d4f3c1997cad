package hub

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"filippo.io/age"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// scryptWork is age's work factor for the passphrase, as a power of two: about a second and 64 MB on a mini PC. A router of 128 MB can
// still make a backup; age's default of 18 would need 256 MB.
const scryptWork = 16

// serveBackup streams a sealed backup to the console.
func (h *Hub) serveBackup(w http.ResponseWriter, req *http.Request) {
	var in ConsoleRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 64<<10)).Decode(&in); err != nil || in.Passphrase == "" {
		http.Error(w, "a passphrase is needed", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := h.backup(w, in.Passphrase); err != nil {
		h.o.Log.Error("a backup failed", "error", err)
		// The reader must not take what came so far for a backup; cutting the connection is all that is left to say so.
		panic(http.ErrAbortHandler)
	}
}

func (h *Hub) backup(w io.Writer, passphrase string) error {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	recipient.SetWorkFactor(scryptWork)
	sealed, err := age.Encrypt(w, recipient)
	if err != nil {
		return err
	}
	if err := h.record.Backup(sealed); err != nil {
		return err
	}
	return sealed.Close()
}

// Restore makes a data folder from a sealed backup. The folder must be empty or absent; a failed restore leaves nothing in it.
func Restore(dir string, backup io.Reader, passphrase string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fault.New(fault.Conflict, "hub.not-empty", dir)
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return fault.New(fault.Invalid, "hub.passphrase").Because(err)
	}
	opened, err := age.Decrypt(backup, identity)
	if err != nil {
		return fault.New(fault.Invalid, "hub.passphrase").Because(err)
	}
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	restored := record.Restore(db, opened)
	if err := errors.Join(restored, db.Close()); err != nil {
		store.Discard(dir)
		return fault.New(fault.Invalid, "hub.bad-backup").Because(err)
	}
	return nil
}
