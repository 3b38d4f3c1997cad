package portal

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"commonhub/hub/fault"
)

// parsed reads a body as a route with these rules would.
func parsed(body io.Reader, kind string, limits rules) (*Request, error) {
	req := httptest.NewRequest(http.MethodPost, "/", body)
	req.Header.Set("Content-Type", kind)
	r := &Request{echo: echo.New().NewContext(req, httptest.NewRecorder()), rules: limits}
	return r, r.parse()
}

const formKind = "application/x-www-form-urlencoded"

func TestThreeWaysToSendOneForm(t *testing.T) {
	var parts bytes.Buffer
	m := multipart.NewWriter(&parts)
	m.WriteField("title", " drill ")
	m.WriteField("tag", "a")
	m.WriteField("tag", "b")
	m.WriteField("text", "one\r\ntwo")
	m.WriteField("key", "k1")
	m.Close()
	var contents [][]byte
	for name, c := range map[string]struct{ kind, body string }{
		"form":      {formKind, "title=+drill+&tag=a&tag=b&text=one%0D%0Atwo&key=k1"},
		"multipart": {m.FormDataContentType(), parts.String()},
		"JSON":      {"application/json; charset=utf-8", `{"title":" drill ","tag":["a","b"],"text":"one\r\ntwo","key":"k1"}`},
	} {
		r, err := parsed(strings.NewReader(c.body), c.kind, rules{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Form("title") != "drill" || strings.Join(r.FormAll("tag"), "+") != "a+b" || r.Form("text") != "one\ntwo" || r.Key() != "k1" {
			t.Errorf("%s was read as %q", name, r.form.values)
		}
		if r.Secret("title") != " drill " {
			t.Errorf("%s: a secret lost its spaces: %q", name, r.Secret("title"))
		}
		contents = append(contents, r.Content())
	}
	if len(contents) != 3 || !bytes.Equal(contents[0], contents[1]) || !bytes.Equal(contents[1], contents[2]) {
		t.Error("the same content has different digests")
	}
}

func TestContentTellsFormsApart(t *testing.T) {
	digest := func(body string) string {
		r, err := parsed(strings.NewReader(body), formKind, rules{})
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Content())
	}
	same := digest("a=1&b=2")
	for _, other := range []string{"a=2&b=1", "a=1", "a=1&b=2&b=2", "a=1b&=2", "a=12&b="} {
		if digest(other) == same {
			t.Errorf("%q counts as the same as a=1&b=2", other)
		}
	}
	if digest("b=2&a=1&key=x&form-token=y") != same {
		t.Error("key, token or order change the content")
	}
}

func TestHostileForms(t *testing.T) {
	long := strings.Repeat("x", formLimit)
	for name, c := range map[string]struct {
		kind, body string
		want       fault.Kind
	}{
		"too long":          {formKind, "text=" + long, fault.TooLarge},
		"too many":          {formKind, strings.Repeat("a=1&", fieldLimit+1), fault.TooLarge},
		"long name":         {formKind, strings.Repeat("n", nameLimit+1) + "=1", fault.TooLarge},
		"not UTF-8":         {formKind, "text=%ff%fe", fault.Invalid},
		"control":           {formKind, "text=a%00b", fault.Invalid},
		"escape":            {formKind, "text=a%zzb", fault.Invalid},
		"broken JSON":       {"application/json", `{"a":`, fault.Invalid},
		"nested JSON":       {"application/json", `{"a":{"b":1}}`, fault.Invalid},
		"JSON list of list": {"application/json", `{"a":[["b"]]}`, fault.Invalid},
		"JSON not object":   {"application/json", `[1]`, fault.Invalid},
		"JSON too long":     {"application/json", `{"a":"` + long + `"}`, fault.TooLarge},
		"no boundary":       {"multipart/form-data", "--x", fault.Invalid},
		"cut short":         {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", fault.Invalid},
		"other type":        {"text/xml", "<a/>", fault.Invalid},
		"no type":           {"", "a=b", fault.Invalid},
	} {
		_, err := parsed(strings.NewReader(c.body), c.kind, rules{})
		if !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want a fault of kind %s", name, err, c.want)
		}
	}
}

func TestPlainJSONValues(t *testing.T) {
	r, err := parsed(strings.NewReader(`{"n":12,"yes":true,"none":null,"list":[1,"two",null],"empty":[]}`), "application/json", rules{})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"n": {"12"}, "yes": {"true"}, "list": {"1", "two"}}
	if got, _ := json.Marshal(r.form.values); string(got) != func() string { b, _ := json.Marshal(want); return string(b) }() {
		t.Errorf("read as %s", got)
	}
}

// album is a multipart body with files of the given sizes.
func album(sizes ...int) (body *bytes.Buffer, kind string) {
	body = new(bytes.Buffer)
	m := multipart.NewWriter(body)
	m.WriteField("title", "x")
	for _, size := range sizes {
		w, _ := m.CreateFormFile("photo", "صورة.jpg")
		w.Write(bytes.Repeat([]byte("p"), size))
	}
	m.Close()
	return body, m.FormDataContentType()
}

func TestUploads(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	limits := rules{files: 2, bytes: 1 << 20}
	body, kind := album(5000, 0, 300000)
	r, err := parsed(body, kind, limits)
	if err != nil {
		t.Fatal(err)
	}
	files, err := r.Files("photo")
	if err != nil || len(files) != 2 || files[0].Name != "صورة.jpg" || files[0].Size != 5000 || files[1].Size != 300000 {
		t.Fatalf("files %+v, %v", files, err)
	}
	for range 2 { // a file can be read more than once
		f, _ := files[1].Open()
		if all, err := io.ReadAll(f); err != nil || len(all) != 300000 {
			t.Errorf("read %d bytes, %v", len(all), err)
		}
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("files lie about on disk: %v", left)
	}
	other, kind := album(5001, 300000)
	r2, err := parsed(other, kind, limits)
	if err != nil || bytes.Equal(r.Content(), r2.Content()) {
		t.Errorf("another photo has the same digest (%v)", err)
	}
	r.close()
	r2.close()
	for name, c := range map[string]struct {
		sizes  []int
		limits rules
	}{
		"too many": {[]int{1, 1, 1}, limits},
		"too big":  {[]int{2 << 20}, limits},
		"unasked":  {[]int{1}, rules{}},
	} {
		body, kind := album(c.sizes...)
		r, err := parsed(body, kind, c.limits)
		if !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		r.close()
	}
}

func TestUploadByAMember(t *testing.T) {
	h := open(t, nil)
	body, kind := album(10)
	w := h.ask("POST", "/mine", body.String(), header("Content-Type", kind), header("Authorization", "Bearer b-m2"), asJSON)
	h.want(w, 201)
	h.want(h.ask("POST", "/mine", body.String(), header("Content-Type", kind)), 401) // a stranger's photos are not even read
}

func FuzzForm(f *testing.F) {
	body, kind := album(3, 0)
	f.Add(kind, body.Bytes())
	f.Add(formKind, []byte("a=1&b=%20&form-token=x"))
	f.Add("application/json", []byte(`{"a":["b",1,null]}`))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=a; filename=\"../../x\"\r\n\r\n\x00\r\n--x--"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r, err := parsed(bytes.NewReader(body), kind, rules{files: 2, bytes: 1 << 10})
		defer r.close()
		if err != nil {
			if k := fault.Of(err).Kind; k == fault.Internal {
				t.Fatalf("an accident instead of a refusal: %v", err)
			}
			return
		}
		n := 0
		for name, values := range r.form.values {
			for _, v := range values {
				n += len(v)
				if strings.ContainsRune(v, 0) {
					t.Fatalf("field %q holds %q", name, v)
				}
			}
		}
		if n > formLimit || len(r.form.files) > 2 {
			t.Fatalf("%d bytes and %d files came through", n, len(r.form.files))
		}
		if len(r.Content()) != 32 {
			t.Fatal("no digest")
		}
	})
}
