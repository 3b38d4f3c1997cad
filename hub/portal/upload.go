package portal

import (
	"crypto/sha256"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"sync"
	"time"

	"commonhub/hub/fault"
)

// Files wait on what is often a RAM disk: only so many requests with files at once, and the others queue.
const (
	uploadSlots = 4
	uploadWait  = 30 * time.Second
)

// enter takes a slot for a request that may carry files. leave gives it back and removes the files; it may be called twice, because
// a form that came without files must not keep a slot while it waits to become durable.
func (p *Portal) enter(r *Request) (leave func(), err error) {
	if r.rules.files == 0 || !r.multipart() {
		return r.close, nil
	}
	patience := time.NewTimer(uploadWait)
	defer patience.Stop()
	select {
	case p.uploads <- struct{}{}:
		return sync.OnceFunc(func() { r.close(); <-p.uploads }), nil
	case <-patience.C:
	case <-r.Context().Done():
	}
	return nil, fault.New(fault.Unavailable, "portal.busy")
}

// multipart tells whether the form is of the one type that can carry files.
func (r *Request) multipart() bool {
	kind, _, err := mime.ParseMediaType(r.echo.Request().Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
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
