package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"sort"
)

//go:embed css/*.css icons/*.svg *.js
var files embed.FS

// Assets are the stylesheet, the icon sprite and the scripts (one on every page, one where receipts are sent), compressed once and addressed by
// their checksum.
type Assets struct {
	byName map[string]*Asset
}

// Asset is one file as it is served.
type Asset struct {
	Name  string // "hub.css"
	Sum   string // 16 hex digits of the SHA-256 of Plain
	Type  string // Content-Type
	Plain []byte
	Gzip  []byte
}

// Path is where the asset is served. The checksum in it lets browsers keep it for ever.
func (a *Asset) Path() string { return "/assets/" + a.Sum + "/" + a.Name }

// LoadAssets reads the embedded files. All stylesheets, the frame's and the services', become one: a second request
// costs a slow phone more than a few rules that its page does not use.
func LoadAssets() (*Assets, error) {
	a := &Assets{byName: make(map[string]*Asset)}
	// One compressor for all: each would take 0.8 MB of a small router's memory. The level exists, so this cannot fail.
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestCompression)
	for _, f := range []struct{ name, pattern, mime string }{
		{"hub.css", "css/*.css", "text/css; charset=utf-8"},
		{"icons.svg", "icons/icons.svg", "image/svg+xml"},
		{"hub.svg", "icons/hub.svg", "image/svg+xml"},
		{"live.js", "live.js", "text/javascript; charset=utf-8"},
		{"paint.js", "paint.js", "text/javascript; charset=utf-8"},
	} {
		plain, err := join(f.pattern)
		if err != nil {
			return nil, fmt.Errorf("assets: %w", err)
		}
		a.byName[f.name] = newAsset(z, f.name, f.mime, plain)
	}
	return a, nil
}

func join(pattern string) ([]byte, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	// The frame's own rules come first, whatever a service is called: later rules win.
	sort.SliceStable(names, func(i, j int) bool { return names[i] == "css/hub.css" && names[j] != "css/hub.css" })
	var all []byte
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, nil
}

func newAsset(z *gzip.Writer, name, mime string, plain []byte) *Asset {
	sum := sha256.Sum256(plain)
	var packed bytes.Buffer
	z.Reset(&packed)
	z.Write(plain) // into memory: cannot fail
	z.Close()
	return &Asset{Name: name, Sum: hex.EncodeToString(sum[:8]), Type: mime, Plain: plain, Gzip: bytes.Clone(packed.Bytes())}
}

// Path is the address of an asset by its name, "" if there is none.
func (a *Assets) Path(name string) string {
	if asset, ok := a.byName[name]; ok {
		return asset.Path()
	}
	return ""
}

// Get finds an asset by name.
func (a *Assets) Get(name string) (*Asset, bool) {
	asset, ok := a.byName[name]
	return asset, ok
}
