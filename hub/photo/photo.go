// Package photo makes pictures fit for the record of what phones send: small, upright, and without what a camera wrote into them.
package photo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"commonhub/hub/fault"
)

// Bounds of a photo, before and after.
const (
	MaxUpload     = 12 << 20 // bytes of the file as it comes
	maxPixels     = 40_000_000
	MaxSide       = 1600    // pixels of the longer side afterwards
	maxJPEG       = 200_000 // bytes afterwards
	defaultMemory = 64 << 20
)

// Picture is a photo as it is kept: a JPEG without any metadata, upright, within MaxSide and maxJPEG.
type Picture struct {
	JPEG          []byte
	Width, Height int
}

// Darkroom makes Pictures of what people send. One photo at a time: a single decoded photo may take tens of megabytes, and
// the smallest hub has 128 in all.
type Darkroom struct {
	memory int64         // bytes that one photo may need
	turn   chan struct{} // holds a value while somebody works
}

// NewDarkroom makes a darkroom in which one photo may take this much memory, in bytes; 0 means 64 MiB.
func NewDarkroom(memory int64) *Darkroom {
	if memory <= 0 {
		memory = defaultMemory
	}
	return &Darkroom{memory: memory, turn: make(chan struct{}, 1)}
}

// Develop reads one JPEG, PNG, WebP or GIF (its first frame) and gives the Picture. It waits for its turn until ctx ends.
// Faults: Invalid (no such picture), TooLarge (bytes, pixels, memory), Unavailable (ctx ended).
func (d *Darkroom) Develop(ctx context.Context, r io.Reader) (*Picture, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "photo.busy").On("photo").Because(ctx.Err())
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "photo.unreadable").On("photo").Because(err)
	}
	if len(raw) > MaxUpload {
		return nil, fault.New(fault.TooLarge, "photo.bytes", MaxUpload>>20).On("photo")
	}
	return d.develop(raw)
}

func (d *Darkroom) develop(raw []byte) (*Picture, error) {
	f, ok := formatOf(raw)
	if !ok {
		return nil, fault.New(fault.Invalid, "photo.format").On("photo")
	}
	config, err := f.config(bytes.NewReader(raw))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return nil, fault.New(fault.Invalid, "photo.unreadable").On("photo").Because(err)
	}
	if err := d.fits(f, config, raw); err != nil {
		return nil, err
	}
	img, err := f.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fault.New(fault.Invalid, "photo.unreadable").On("photo").Because(err)
	}
	return fix(turn(shrink(img, MaxSide), orientationOf(raw)))
}

// fits refuses, by the header alone, what would not fit into memory once decoded: a file of a few kilobytes may unfold to
// gigabytes.
func (d *Darkroom) fits(f format, c image.Config, raw []byte) error {
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > maxPixels {
		return fault.New(fault.TooLarge, "photo.pixels", maxPixels/1_000_000).On("photo")
	}
	// Beside the decoded photo there is the band that is being shrunk; the finished print has a copy when it is turned.
	band := 4 * int64(c.Width) * int64(max(c.Width, c.Height)/MaxSide+2)
	if need := pixels*f.bytesPerPixel(c, raw) + band + 2*4*MaxSide*MaxSide; need > d.memory {
		return fault.New(fault.TooLarge, "photo.memory").On("photo")
	}
	return nil
}

// format is a kind of image file. The four are chosen by their first bytes, never by a name or a declared type.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	jpeg   bool
}

func formatOf(raw []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		return format{jpeg.DecodeConfig, jpeg.Decode, true}, true
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return format{png.DecodeConfig, png.Decode, false}, true
	case bytes.HasPrefix(raw, []byte("GIF8")):
		return format{gif.DecodeConfig, gif.Decode, false}, true
	case len(raw) >= 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		return format{webp.DecodeConfig, webp.Decode, false}, true
	}
	return format{}, false
}

// bytesPerPixel is what the decoder allocates. A progressive JPEG is held as coefficients of four bytes each until its last
// scan, beside the samples themselves.
func (f format) bytesPerPixel(c image.Config, raw []byte) int64 {
	if f.jpeg {
		samples, progressive := jpegFrame(raw)
		if progressive {
			return samples + 4*samples
		}
		return samples
	}
	switch c.ColorModel {
	case color.GrayModel:
		return 1
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, palette := c.ColorModel.(color.Palette); palette {
		return 1
	}
	return 4
}

// shrink scales img onto white so that its longer side has at most side pixels, each the mean of those that it stands for. It is our
// own, because the library's scalers bring a fifth of a megabyte of code: one piece for each kind of picture. One band of rows at a time is unpacked.
func shrink(img image.Image, side int) *image.RGBA {
	from := img.Bounds()
	w, h := from.Dx(), from.Dy()
	if longer := max(w, h); longer > side {
		w, h = max(1, w*side/longer), max(1, h*side/longer)
	}
	to, rows := image.NewRGBA(image.Rect(0, 0, w, h)), image.NewRGBA(image.Rect(0, 0, from.Dx(), from.Dy()/h+1))
	for y := range h {
		top, bottom := span(y, from.Dy(), h)
		band := rows.SubImage(image.Rect(0, 0, from.Dx(), bottom-top)).(*image.RGBA)
		draw.Draw(band, band.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, img, from.Min.Add(image.Pt(0, top)), draw.Over)
		for x := range w {
			left, right := span(x, from.Dx(), w)
			to.SetRGBA(x, y, mean(band, left, right))
		}
	}
	return to
}

// span is the part of all that piece i of n stands for.
func span(i, all, n int) (from, to int) { return i * all / n, (i + 1) * all / n }

// mean is the colour of the columns from left to right of an opaque band.
func mean(band *image.RGBA, left, right int) color.RGBA {
	var r, g, b, n uint32
	for y := range band.Rect.Dy() {
		row := band.Pix[y*band.Stride+left*4 : y*band.Stride+right*4]
		for ; len(row) >= 4; row = row[4:] {
			r, g, b, n = r+uint32(row[0]), g+uint32(row[1]), b+uint32(row[2]), n+1
		}
	}
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 255}
}

// fix encodes img within maxJPEG, giving up quality first and size last. The encoder writes pixels only, so nothing of the
// camera, the place or the hour survives.
func fix(img *image.RGBA) (*Picture, error) {
	for {
		for _, quality := range []int{82, 74, 66, 56, 46} {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
				return nil, err
			}
			if out.Len() <= maxJPEG {
				return &Picture{bytes.Clone(out.Bytes()), img.Rect.Dx(), img.Rect.Dy()}, nil
			}
		}
		img = shrink(img, max(img.Rect.Dx(), img.Rect.Dy())*3/4)
	}
}
