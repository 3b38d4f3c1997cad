package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "commonhub/"

// arrows says what each package may import of ours. They point down only: a line may name packages of lines below it. A new
// package needs a line here, which is the moment to ask whether it is needed.
var arrows = map[string][]string{
	"cmd/commonhub":          {"hub", "hub/*", "services/*", "services/ledger/audit", "web"}, // an audit needs no hub
	"hub":                    {"hub/*", "web"},
	"hub/hubtest":            {"hub", "hub/*", "web"},
	"hub/hubtest/bench":      {"hub/*", "hub/hubtest/*"},
	"hub/hubtest/*":          {"hub", "hub/*", "web"},
	"hub/pages":              {"hub/portal", "hub/people", "hub/record", "hub/body", "hub/fault", "hub/mirror", "hub/mesh", "web", "web/lean"},
	"hub/portal":             {"hub/people", "hub/record", "hub/fault", "web"},
	"hub/mirror":             {"hub/record", "hub/body", "hub/fault"},
	"hub/people":             {"hub/record", "hub/body", "hub/fault"},
	"services/*":             {"hub/deed", "hub/photo", "hub/record", "hub/body", "hub/fault"},
	"services/ledger":        {"services/ledger/*", "hub/deed", "hub/photo", "hub/record", "hub/body", "hub/fault"},
	"services/ledger/audit":  {"services/ledger/book", "hub/record", "hub/body", "hub/fault"},
	"services/ledger/export": {"services/ledger/book", "services/ledger/money", "hub/record"},
	// The books are pure: what an auditor replays on a laptop is the code that the hub runs.
	"services/ledger/book":  {"services/ledger/money", "hub/record", "hub/fault"},
	"services/ledger/money": {"hub/fault"},
	"hub/photo":             {"hub/fault"},
	"hub/deed":              {"hub/record", "hub/body", "hub/fault"},
	"hub/record":            {"hub/store", "hub/body", "hub/fault"}, // an event and its body are written in one transaction, so record writes both
	"hub/body":              {"hub/store", "hub/fault"},
	"hub/store":             {"hub/fault"},
	"hub/mesh":              {},
	"hub/fault":             {},
	"web":                   {"web/lean"},
	"web/lean":              {},
}

// pageArrows are the further ones of the files that make a service's pages: pages*.go.
var pageArrows = []string{"hub/portal", "web", "web/lean"}

// echoUsers are who may know which web framework we use.
var echoUsers = []string{"hub/portal", "hub/pages", "services/*"}

// banned imports, and what they would cost.
var banned = map[string]string{
	"html/template":               "keeps every exported method alive in the binary: 4 MB. Pages are templ components",
	"text/template":               "as html/template",
	"encoding/gob":                "files and messages must be readable by programs that are not written in Go",
	"github.com/stretchr/testify": "tests say what they want in plain Go",
}

// source is one Go file of ours with its imports.
type source struct {
	dir, name string
	imports   []string
	doc       *ast.CommentGroup
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// pages tells whether the file makes pages of a service.
func (s source) pages() bool {
	return strings.HasPrefix(s.dir, "services/") && strings.HasPrefix(s.name, "pages")
}

func TestArrowsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.dir, ".") {
			continue
		}
		allowed, known := lookUp(arrows, s.dir)
		if !known {
			t.Errorf("%s: the package has no line in arrows", s.dir)
			continue
		}
		if s.pages() {
			allowed = append(slices.Clone(allowed), pageArrows...)
		}
		for _, i := range s.imports {
			if ours, ok := strings.CutPrefix(i, module); ok && !fits(allowed, ours) {
				t.Errorf("%s/%s imports %s", s.dir, s.name, ours)
			}
		}
	}
}

// Tests may use all of the hub, but a service stands alone even there.
func TestNobodyImportsAService(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports {
			ours, _ := strings.CutPrefix(i, module)
			if fits([]string{"services/*"}, ours) && ours != s.dir && s.dir != "cmd/commonhub" {
				t.Errorf("%s/%s imports %s", s.dir, s.name, ours)
			}
			if ours == "hub/hubtest" && !s.test() && path.Dir(s.dir) != ours {
				t.Errorf("%s/%s imports %s, which is for tests", s.dir, s.name, ours)
			}
		}
	}
}

func TestOnlyPagesKnowEcho(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports {
			if !strings.HasPrefix(i, "github.com/labstack/") {
				continue
			}
			if !fits(echoUsers, s.dir) || strings.HasPrefix(s.dir, "services/") && !s.pages() {
				t.Errorf("%s/%s imports %s", s.dir, s.name, i)
			}
		}
	}
}

func TestNothingBannedIsImported(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports {
			for b, why := range banned {
				if i == b || strings.HasPrefix(i, b+"/") {
					t.Errorf("%s/%s imports %s: %s", s.dir, s.name, i, why)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test() {
			said[s.dir] = said[s.dir] || s.doc != nil
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	fixed := []string{
		"cmd", "hub", "services", "firmware-notes", "web", "images", "go.mod", "go.sum", "README.md", "LICENSE",
		"out", // what .ci/test leaves, never committed
	}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(fixed, e.Name()) {
			t.Errorf("%s does not belong at the top of the repository", e.Name())
		}
	}
}

// sources reads the imports of every Go file of the repository, modules of their own left out.
func sources(t *testing.T) []source {
	t.Helper()
	root := os.DirFS("../..")
	var all []source
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return visit(root, p)
		}
		if path.Ext(p) != ".go" {
			return nil
		}
		s, err := read(p)
		all = append(all, s)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files read: %v", len(all), err)
	}
	return all
}

// visit skips what is not source of this module.
func visit(root fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	_, err := fs.Stat(root, path.Join(dir, "go.mod"))
	if err == nil || dir == "out" || dir == ".git" || path.Base(dir) == "testdata" {
		return fs.SkipDir
	}
	return nil
}

func read(p string) (source, error) {
	s := source{dir: path.Dir(p), name: path.Base(p)}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", p), nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return s, err
	}
	s.doc = f.Doc
	for _, i := range f.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, name)
	}
	return s, nil
}

// lookUp finds a package's line: its own, or that of its folder.
func lookUp(lines map[string][]string, dir string) ([]string, bool) {
	if line, ok := lines[dir]; ok {
		return line, true
	}
	line, ok := lines[path.Dir(dir)+"/*"]
	return line, ok
}

// fits tells whether a pattern names dir; "hub/*" means the packages of that folder, not their folders.
func fits(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, dir)
		return ok
	})
}
