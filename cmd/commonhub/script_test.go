package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"commonhub": main}) }

// TestScripts drives the program by the text files in testdata. Beside testscript's own commands they know
//
//	start NAME FLAGS…        runs a hub, waits until it listens; sets $NAME_url and, on a fresh folder, $NAME_claim
//	stop NAME                sends SIGTERM; the hub has to end cleanly within five seconds
//	post STATUS URL [TOKEN]  posts the JSON in the file form; the answer goes to the file answer
//	field NAME               sets $NAME to that string field of the answer
//	said NAME                sets $NAME to the line that the last exec printed
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "C")
			env.Values["hubs"] = map[string]*exec.Cmd{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"start": start, "stop": stop, "post": post, "field": field, "said": said,
		},
	})
}

func start(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	flags := append([]string{"serve", "--listen", "127.0.0.1:0", "--mesh-listen", "127.0.0.1:0", "--mdns=false"}, args[1:]...)
	cmd := exec.Command("commonhub", flags...)
	path, err := exec.LookPath("commonhub")
	ts.Check(err)
	cmd.Path, cmd.Dir, cmd.Env = path, ts.MkAbs("."), append(os.Environ(), "LANG=C")
	log, err := os.Create(ts.MkAbs(name + ".log"))
	ts.Check(err)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { cmd.Process.Kill(); cmd.Wait(); log.Close() })
	ts.Value("hubs").(map[string]*exec.Cmd)[name] = cmd
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			ts.Setenv(name+"_url", url)
			break
		}
	}
	ts.Check(lines.Err())
	if _, err := os.Stat(ts.MkAbs(name + ".claimed")); err != nil && lines.Scan() {
		ts.Setenv(name+"_claim", strings.TrimPrefix(lines.Text(), "claim "))
		ts.Check(os.WriteFile(ts.MkAbs(name+".claimed"), nil, 0o600))
	}
}

func stop(ts *testscript.TestScript, _ bool, args []string) {
	cmd := ts.Value("hubs").(map[string]*exec.Cmd)[args[0]]
	began := time.Now()
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	err := cmd.Wait()
	ts.Logf("ended after %v", time.Since(began).Round(time.Millisecond))
	if err != nil {
		ts.Fatalf("the hub ended badly: %v\n%s", err, ts.ReadFile(args[0]+".log"))
	}
	if took := time.Since(began); took > 5*time.Second {
		ts.Fatalf("the hub took %v to end", took)
	}
}

func post(ts *testscript.TestScript, _ bool, args []string) {
	req, err := http.NewRequest(http.MethodPost, args[1], strings.NewReader(ts.ReadFile("form")))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if len(args) > 2 {
		req.Header.Set("Authorization", "Bearer "+args[2])
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Logf("%s %s", res.Status, bytes.TrimSpace(answer))
	if !strings.HasPrefix(res.Status, args[0]) {
		ts.Fatalf("status %s instead of %s", res.Status, args[0])
	}
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("."), "answer"), answer, 0o600))
}

func field(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, ok := strings.Cut(ts.ReadFile("answer"), `"`+args[0]+`":"`)
	if !ok {
		ts.Fatalf("the answer has no %q", args[0])
	}
	value, _, _ := strings.Cut(rest, `"`)
	ts.Setenv(args[0], value)
}

func said(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}
