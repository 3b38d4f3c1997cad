package portal

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"commonhub/hub/fault"
)

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
