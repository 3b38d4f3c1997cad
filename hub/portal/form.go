package portal

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"unicode/utf8"

	"commonhub/hub/fault"
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

// parse reads the body, within bounds, as a form, a multipart form or a flat JSON object.
func (r *Request) parse() error {
	req := r.echo.Request()
	r.form = &form{values: make(url.Values)}
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil && req.ContentLength == 0 {
		return nil
	}
	body := http.MaxBytesReader(r.echo.Response(), req.Body, formLimit+r.rules.bytes)
	switch kind {
	case "application/x-www-form-urlencoded":
		err = r.form.readPairs(body)
	case "application/json":
		err = r.form.readJSON(body)
	case "multipart/form-data":
		err = r.form.readParts(multipart.NewReader(body, params["boundary"]), r.rules)
	default:
		return fault.New(fault.Invalid, "portal.form-unreadable").Because(errors.New("content type " + kind))
	}
	if err == nil {
		err = r.form.check()
	}
	return readFault(err)
}

// readFault says why a body was not taken.
func readFault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "portal.too-large").Because(err)
	}
	if _, ok := errors.AsType[*fault.Fault](err); ok {
		return err
	}
	return fault.New(fault.Invalid, "portal.form-unreadable").Because(err)
}

func (f *form) readPairs(body io.Reader) error {
	raw, err := readAll(body)
	if err != nil {
		return err
	}
	// Counted before parsing: a million "&" are cheap to send and dear to keep.
	if strings.Count(string(raw), "&") > fieldLimit {
		return fault.New(fault.TooLarge, "portal.too-large")
	}
	f.values, err = url.ParseQuery(string(raw))
	return err
}

// readAll reads fields of a form without files; the caller's reader may allow more where files may come.
func readAll(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, formLimit+1))
	if err == nil && len(raw) > formLimit {
		return nil, fault.New(fault.TooLarge, "portal.too-large")
	}
	return raw, err
}

// readJSON reads an object of strings, numbers, booleans and lists of those. null counts as not sent.
func (f *form) readJSON(body io.Reader) error {
	raw, err := readAll(body)
	if err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	for name, value := range object {
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			list = []json.RawMessage{value}
		}
		for _, v := range list {
			if err := f.addJSON(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *form) addJSON(name string, raw json.RawMessage) error {
	var s string
	switch c := raw[0]; {
	case c == 'n': // null
		return nil
	case c == '"':
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	case c == '{' || c == '[':
		return errors.New("field " + name + " is neither plain nor a list of plain values")
	default: // true, false or a number, as written
		s = string(raw)
	}
	f.values.Add(name, s)
	return nil
}

// readParts streams a multipart form: fields into memory, files onto disk. On an error the files that came are closed by
// Request.close like any others.
func (f *form) readParts(parts *multipart.Reader, limits rules) error {
	room := int64(formLimit)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if n >= fieldLimit+limits.files {
			return fault.New(fault.TooLarge, "portal.too-large")
		}
		if part.FileName() != "" || part.Header.Get("Content-Type") != "" {
			err = f.keepFile(part, limits)
		} else {
			err = f.keepField(part, &room)
		}
		if err != nil {
			return err
		}
	}
}

func (f *form) keepField(part *multipart.Part, room *int64) error {
	raw, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return err
	}
	if *room -= int64(len(raw)); *room < 0 {
		return fault.New(fault.TooLarge, "portal.too-large")
	}
	f.values.Add(part.FormName(), string(raw))
	return nil
}

// keepFile puts an upload onto disk, where it weighs less than in the memory of a small router, and removes its name at
// once so that nothing is left behind whatever happens.
func (f *form) keepFile(part *multipart.Part, limits rules) error {
	spool, err := os.CreateTemp("", "commonhub-upload-*")
	if err != nil {
		return fault.New(fault.Full, "portal.no-room").Because(err)
	}
	kept := file{field: part.FormName(), name: clip(part.FileName(), 200), spool: spool}
	if err := os.Remove(spool.Name()); err != nil {
		spool.Close()
		return fault.New(fault.Full, "portal.no-room").Because(err)
	}
	h := sha256.New()
	kept.size, err = io.Copy(io.MultiWriter(spool, h), part)
	h.Sum(kept.digest[:0])
	if kept.size == 0 || err != nil {
		spool.Close()
		return err
	}
	f.files = append(f.files, kept)
	if len(f.files) > limits.files {
		return fault.New(fault.TooLarge, "portal.too-many-files", limits.files).On(kept.field)
	}
	return nil
}

// check refuses what no honest form sends: names too long, too many values, bytes that are not UTF-8, control characters.
func (f *form) check() error {
	n := 0
	for name, values := range f.values {
		n += len(values)
		if len(name) > nameLimit || n > fieldLimit {
			return fault.New(fault.TooLarge, "portal.too-large")
		}
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsFunc(v, control) {
				return fault.New(fault.Invalid, "portal.bad-characters").On(clip(name, nameLimit))
			}
		}
	}
	return nil
}

// control tells the characters that have no place in words: C0 and C1 controls but tab and line breaks.
func control(c rune) bool {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c >= 0x7f && c < 0xa0
}

func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
