package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// patience is how long something that must come is waited for.
const patience = time.Minute

// cost is what a command took: by the clock, and of the processors, which a busy machine does not inflate.
type cost struct{ clock, processor time.Duration }

// command runs one command of the program to its end.
func (b *bench) command(words ...string) (cost, error) {
	cmd := exec.Command(b.program, words...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("commonhub %v: %w: %s", words, err, out)
	}
	return cost{time.Since(began), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// process is the program serving one data folder.
type process struct {
	url    string
	client *http.Client
	cmd    *exec.Cmd
	began  time.Time
}

// open starts the hub on a folder and returns when it listens. It keeps to loopback. env adds to the environment.
func (b *bench) open(dir string, env ...string) (*process, error) {
	p := &process{client: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}}
	p.cmd = exec.Command(b.program, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--mesh-listen", "127.0.0.1:0", "--mdns=false")
	p.cmd.Env = append(os.Environ(), env...)
	said := &strings.Builder{}
	p.cmd.Stderr = said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	if err != nil {
		p.cmd.Wait() // what it said is the better error
		return nil, fmt.Errorf("the hub did not start: %w: %s", err, said)
	}
	go io.Copy(io.Discard, out) // the claim of a fresh folder
	return p, nil
}

// close ends the hub as an operator does.
func (p *process) close() error {
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}

// get reads a page as phones do, compressed, and returns how long that took. token "" is a guest.
func (p *process) get(path, token string) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	return p.send(req, token, http.StatusOK)
}

// post puts up a notice that goes no further than reach, and returns how long that took.
func (p *process) post(token, reach string) (time.Duration, error) {
	form := encoded(map[string]string{"kind": "offer", "title": some(3), "text": some(12), "reach": reach})
	req, err := http.NewRequest(http.MethodPost, p.url+"/notices", strings.NewReader(string(form)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	return p.send(req, token, http.StatusCreated)
}

func (p *process) send(req *http.Request, token string, want int) (time.Duration, error) {
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	began := time.Now()
	res, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	took := time.Since(began)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("%s %s answered %s: %.200s", req.Method, req.URL.Path, res.Status, answer)
	}
	return took, err
}
