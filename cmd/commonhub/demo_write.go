package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// demoWriter fills one hub by way of its own pages' JSON.
type demoWriter struct {
	block  *demoBlock
	bar    *bar
	tokens []string // by household
}

// month claims the hub, lets everybody join and posts all notices, oldest first.
func (w *demoWriter) month(ctx context.Context, claim string) error {
	if err := w.people(ctx, claim); err != nil {
		return err
	}
	for _, n := range w.block.notices {
		if err := w.notice(ctx, n); err != nil {
			return fmt.Errorf("%s: %q: %w", w.block.name, n.title, err)
		}
		w.bar.add(1)
	}
	return w.drill(ctx)
}

// drill calls out the block's exercise as its first household, who is the steward.
func (w *demoWriter) drill(ctx context.Context) error {
	if w.block.drill == "" {
		return nil
	}
	w.block.clock.set(time.Now())
	return w.send(ctx, w.block.url+"/callouts", w.tokens[0], map[string]string{
		"text": w.block.drill, "lang": w.block.language, "severity": "severe", "urgency": "immediate", "exercise": "yes", "sure": "yes",
	}, nil)
}

// arrival is the part of an answer that matters here.
type arrival struct{ URL, Token, Code string }

func (w *demoWriter) people(ctx context.Context, claim string) error {
	for i, home := range w.block.households {
		form := map[string]string{
			"household": home.name, "name": home.signIn, "display": home.person, "secret": demoSecret, "language": w.block.language,
		}
		address := claim
		if i > 0 {
			var a arrival
			err := w.send(ctx, w.block.url+"/people/invitations", w.tokens[0], map[string]string{"household": home.name}, &a)
			if err != nil {
				return err
			}
			address = w.block.url + "/join/" + a.Code
		}
		var a arrival
		if err := w.send(ctx, address, "", form, &a); err != nil {
			return err
		}
		w.tokens = append(w.tokens, a.Token)
		w.bar.add(1)
	}
	return nil
}

// notice posts one notice with what people said to it, each at its day.
func (w *demoWriter) notice(ctx context.Context, n demoNotice) error {
	at := time.Now().AddDate(0, 0, -n.daysAgo).Add(time.Duration(len(n.title)) * time.Minute)
	w.block.clock.set(at)
	var a arrival
	if err := w.post(ctx, n, &a); err != nil {
		return err
	}
	for _, c := range n.comments {
		at = at.Add(40 * time.Minute)
		w.block.clock.set(at)
		err := w.send(ctx, a.URL+"/comments", w.tokens[c.by], map[string]string{"text": c.text}, nil)
		if err != nil {
			return err
		}
	}
	if n.claimedBy == 0 {
		return nil
	}
	w.block.clock.set(at.Add(time.Hour))
	if err := w.send(ctx, a.URL+"/claims", w.tokens[n.claimedBy], map[string]string{}, nil); err != nil || n.thanks == "" {
		return err
	}
	w.block.clock.set(at.Add(25 * time.Hour))
	return w.send(ctx, a.URL+"/done", w.tokens[n.by], map[string]string{"thanks": n.thanks}, nil)
}

// post sends the form as a phone would, with a picture if there is one.
func (w *demoWriter) post(ctx context.Context, n demoNotice, out any) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{
		"kind": n.kind, "title": n.title, "text": n.text, "reach": "neighbours", "lang": n.lang, "starts": n.starts(),
	} {
		if value != "" {
			form.WriteField(name, value)
		}
	}
	if n.picture != nil {
		part, err := form.CreateFormFile("photo", "picture.jpg")
		if err != nil {
			return err
		}
		if err := jpeg.Encode(part, n.picture(), nil); err != nil {
			return err
		}
	}
	if err := form.Close(); err != nil {
		return err
	}
	return w.do(ctx, w.block.url+"/notices", w.tokens[n.by], form.FormDataContentType(), &body, out)
}

// send posts a flat JSON object.
func (w *demoWriter) send(ctx context.Context, url, token string, form map[string]string, out any) error {
	body, err := json.Marshal(form)
	if err != nil {
		return err
	}
	return w.do(ctx, url, token, "application/json", bytes.NewReader(body), out)
}

func (w *demoWriter) do(ctx context.Context, url, token, kind string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s: %s: %s", strings.TrimPrefix(url, w.block.url), res.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// starts is the day that an event of the board happens, as the form wants it.
func (n demoNotice) starts() string {
	if n.startsIn == 0 {
		return ""
	}
	return time.Now().AddDate(0, 0, n.startsIn).Format("2006-01-02") + "T17:00"
}

// landscape draws a small picture: sky, ground and a shape in the middle, so that the pages have photos to show.
func landscape(sky, ground, shape color.RGBA) func() image.Image {
	return func() image.Image {
		const wide, high = 640, 420
		img := image.NewRGBA(image.Rect(0, 0, wide, high))
		for y := range high {
			for x := range wide {
				c := sky
				if y > high*2/3 {
					c = ground
				}
				if dx, dy := x-wide/2, y-high/2; dx*dx/2+dy*dy < 9000 {
					c = shape
				}
				shade := uint8(y * 40 / high)
				img.SetRGBA(x, y, color.RGBA{c.R - min(c.R, shade), c.G - min(c.G, shade), c.B - min(c.B, shade), 255})
			}
		}
		return img
	}
}
