package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAssetsFitAFirstVisit(t *testing.T) {
	a, err := LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	for name, most := range map[string]int{"hub.css": 5 << 10, "live.js": 2 << 10, "paint.js": 2 << 10, "icons.svg": 2 << 10, "hub.svg": 1 << 10} {
		asset, ok := a.Get(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		if len(asset.Gzip) > most {
			t.Errorf("%s is %d bytes compressed, want at most %d", name, len(asset.Gzip), most)
		}
		z, err := gzip.NewReader(bytes.NewReader(asset.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, asset.Plain) {
			t.Errorf("%s does not unpack to itself: %v", name, err)
		}
	}
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestCompression)
	if frame := newAsset(z, "hub.css", "", []byte(read(t, "css/hub.css"))); len(frame.Gzip) > 3<<10 {
		t.Errorf("the frame's own stylesheet is %d bytes compressed, want at most 3 kB", len(frame.Gzip))
	}
}

// Old phones and right-to-left languages set these limits; comments are left out before looking.
func TestStylesheetsKeepTheirLimits(t *testing.T) {
	names, err := fs.Glob(files, "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		css := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(read(t, name), "")
		// A rule for one direction of writing may be physical: float, for one, has no logical value on old phones.
		css = regexp.MustCompile(`\[dir=(ltr|rtl)\][^{}]*\{[^}]*\}`).ReplaceAllString(css, "")
		for what, bad := range map[string]string{
			"one-sided physical property":       `(margin|padding|border)-(left|right)\b`,
			"physical alignment":                `text-align:\s*(left|right)|float:\s*(left|right)|[{;\s](left|right):`,
			"logical shorthand (Chrome 87)":     `(margin|padding)-(inline|block):|inset-?(inline|block)?:`,
			":has (Chrome 105)":                 `:has\(`,
			"color-mix (Chrome 111)":            `color-mix|oklch`,
			"min, max or clamp (Chrome 79)":     `[:\s(](min|max|clamp)\(`,
			"nesting (Chrome 112)":              `&`,
			"something fetched from elsewhere":  `url\(|@import`,
			"letter-spacing, which cuts Arabic": `letter-spacing`,
		} {
			if m := regexp.MustCompile(bad).FindString(css); m != "" {
				t.Errorf("%s has a %s: %q", name, what, m)
			}
		}
	}
}

func TestScriptIsES5(t *testing.T) {
	for _, name := range []string{"live.js", "paint.js"} {
		js := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(read(t, name), "")
		for _, bad := range []string{"=>", "`", "let ", "const ", "class ", "async ", "await ", "...", "eval(", "innerHTML +="} {
			if strings.Contains(js, bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	sprite := read(t, "icons/icons.svg")
	named := regexp.MustCompile(`(?:Icon: |Icon\(f, |(?:Link|Quiet|Action)\(f, [^\n]*, )"([a-z]+)"`)
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == ".git" {
			return fs.SkipDir
		}
		ext := filepath.Ext(path)
		if err != nil || ext != ".go" && ext != ".templ" || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllStringSubmatch(string(source), -1) {
			seen++
			if !strings.Contains(sprite, `id="`+m[1]+`"`) {
				t.Errorf("%s shows the icon %q, which is not drawn", path, m[1])
			}
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("found %d icons in the sources: %v", seen, err)
	}
}

// WCAG 2.2, 1.4.3: text needs a contrast of 4.5 to 1 with what is behind it.
func TestContrast(t *testing.T) {
	css := read(t, "css/hub.css")
	light, dark, _ := strings.Cut(css, "prefers-color-scheme: dark")
	for theme, source := range map[string]string{"light": light, "dark": dark[:strings.Index(dark, "}")]} {
		colours := make(map[string]string)
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(source, -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range []string{
			"ink paper", "ink sheet", "soft paper", "soft sheet", "moss paper", "moss sheet", "moss tint", "on-moss moss", "clay paper",
			"clay clay-tint", "sun sun-tint", "ink tint", "ink line", "paper clay",
		} {
			front, back, _ := strings.Cut(pair, " ")
			if c := contrast(t, colours[front], colours[back]); c < 4.5 {
				t.Errorf("%s: %s has a contrast of %.2f", theme, pair, c)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance follows WCAG's definition of relative luminance.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatal(fmt.Errorf("colour %q: %w", colour, err))
	}
	l := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(n>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}
