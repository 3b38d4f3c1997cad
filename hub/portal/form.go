package portal

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"sort"
	"strings"
)

// Bounds of what a form may send.
const (
	formLimit  = 64 << 10 // bytes of a whole form without files, and of all the plain fields of one with files
	fieldLimit = 64       // values in all
	nameLimit  = 64       // bytes of a field's name
	keyLimit   = 128      // bytes of an idempotency key
	tokenField = "form-token"
	keyField   = "key"
)

// form is what a POST sent, whichever of the three ways it came.
type form struct {
	values url.Values
	files  []file
}

// file is an uploaded file on disk. It has no name there: it is gone when it is closed, or when the hub ends.
type file struct {
	field, name string
	size        int64
	digest      [sha256.Size]byte
	spool       *os.File
}

// Upload is a file that came with a form. It lasts as long as its request.
type Upload struct {
	Name string // as the phone called it: never a path of ours
	Size int64  // in bytes

	spool *os.File
}

// Open reads the file from its start; it may be opened more than once.
func (u Upload) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(u.spool, 0, u.Size)), nil
}

// Form is the first value of a field, trimmed at both ends, "" if it was not sent.
func (r *Request) Form(name string) string {
	if all := r.FormAll(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// FormAll is every value of a field, each trimmed at both ends, with line breaks as "\n" alone.
func (r *Request) FormAll(name string) []string {
	if r.form == nil {
		return nil
	}
	var all []string
	for _, v := range r.form.values[name] {
		all = append(all, strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")))
	}
	return all
}

// Secret is the first value of a field exactly as it was sent: spaces count in a secret.
func (r *Request) Secret(name string) string {
	if r.form == nil {
		return ""
	}
	return r.form.values.Get(name)
}

// Files are the files of a field that are not empty. A browser sends one empty file where none was chosen.
func (r *Request) Files(name string) ([]Upload, error) {
	if r.form == nil {
		return nil, nil
	}
	var all []Upload
	for _, f := range r.form.files {
		if f.field == name && f.size > 0 {
			all = append(all, Upload{Name: f.name, Size: f.size, spool: f.spool})
		}
	}
	return all, nil
}

// Key is the idempotency key: the hidden field "key" or the header Idempotency-Key; "" without. Longer than 128 bytes
// counts as none.
func (r *Request) Key() string {
	key := r.Form(keyField)
	if key == "" {
		key = r.echo.Request().Header.Get("Idempotency-Key")
	}
	if len(key) > keyLimit {
		return ""
	}
	return key
}

// Content is a digest of all that was sent but the form token and the key: equal for a form that is sent twice.
func (r *Request) Content() []byte {
	h := sha256.New()
	if r.form == nil {
		return h.Sum(nil)
	}
	e := json.NewEncoder(h) // JSON keeps names, values and their number apart
	names := make([]string, 0, len(r.form.values))
	for name := range r.form.values {
		if name != tokenField && name != keyField {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		e.Encode([]any{name, r.form.values[name]})
	}
	for _, f := range r.form.files {
		e.Encode([]any{f.field, f.digest})
	}
	return h.Sum(nil)
}

// close removes uploaded files.
func (r *Request) close() {
	if r.form == nil {
		return
	}
	for _, f := range r.form.files {
		f.spool.Close()
	}
}
