package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonhub/web"
)

// TestDemo: three hubs come up, each shows the others' notices, the printed sign-in works, and at the end nothing is left.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	ended := make(chan int, 1)
	began := time.Now()
	go func() {
		ended <- (&terminal{in: strings.NewReader(""), out: in, err: io.Discard, words: words.Match("en")}).dispatch(ctx, []string{"demo"})
		in.Close()
	}()
	var urls []string
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		urls = append(urls, regexp.MustCompile(`http://127\.0\.0\.\d:\d+`).FindAllString(lines.Text(), -1)...)
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	t.Logf("measured: demo ready after %v", time.Since(began).Round(time.Millisecond))
	if len(urls) != 3 {
		t.Fatalf("it said:\n%s", &said)
	}
	for _, url := range urls {
		page := fetch(t, url+"/notices")
		for _, title := range []string{"Tomato seedlings", "ليمون من الحديقة", "A left glove"} {
			if !strings.Contains(page, title) {
				t.Errorf("%s does not show %q", url, title)
			}
		}
		if !strings.Contains(fetch(t, url+"/people"), "Imagine smoke") {
			t.Errorf("%s does not show the exercise above its pages", url)
		}
	}
	res, err := http.Post(urls[0]+"/sign-in", "application/json", strings.NewReader(`{"name":"gardener","secret":"`+demoSecret+`"}`))
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Errorf("signing in as printed: %v, %v", res, err)
	}
	cancel()
	go io.Copy(io.Discard, out)
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("ended with status %d", status)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s, %v", url, res.Status, err)
	}
	return string(page)
}
