package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"commonhub/hub/hubtest"
)

// TestFullDisk: on a full disk writing is refused with a sentence, reading goes on, and all is well when there is room again.
func TestFullDisk(t *testing.T) {
	hubtest.NeedRoot(t)
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	h := hubtest.Start(t, hubtest.Options{Dir: filepath.Join(dir, "data"), Args: []string{"--mesh=false"}})
	ana := h.Settle("ana")
	first := ana.Post(hubtest.Notice{Kind: "news", Title: "Before the flood", Text: "Dry", Reach: "neighbours"})

	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	status, said := http.StatusCreated, ""
	for i := 0; i < 400 && status == http.StatusCreated; i++ {
		status, said = comment(t, first, ana.Token, fmt.Sprint("Wet ", i))
	}
	if status != http.StatusInsufficientStorage || !strings.Contains(said, "disk is full") {
		t.Errorf("a full disk answers %d: %s", status, said)
	}
	if status, page := h.Get("/notices"); status != http.StatusOK || !bytes.Contains(page, []byte("Before the flood")) {
		t.Errorf("a full disk keeps people from reading: %d", status)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	ana.Post(hubtest.Notice{Kind: "news", Title: "After the flood", Text: "Dry again", Reach: "neighbours"})
	h.Stop()
	if said := h.Console("record", "verify", h.Dir); !strings.Contains(said, "verified") {
		t.Error(said)
	}
}

// fill takes all room that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// comment posts one and gives the answer, whatever it is.
func comment(t *testing.T, about hubtest.Posted, token, text string) (int, string) {
	t.Helper()
	form, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, about.URL+"/comments", bytes.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var said bytes.Buffer
	said.ReadFrom(res.Body)
	return res.StatusCode, said.String()
}
