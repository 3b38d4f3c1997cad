package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"commonhub/hub/fault"
)

// withEXIF puts an orientation, a place and a camera into a JPEG, as phones do.
func withEXIF(raw []byte, orientation byte, order binary.ByteOrder) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*\x00\x00\x00\x08")
	}
	two, four := make([]byte, 2), make([]byte, 4)
	add16 := func(v uint16) { order.PutUint16(two, v); tiff = append(tiff, two...) }
	add32 := func(v uint32) { order.PutUint32(four, v); tiff = append(tiff, four...) }
	add16(2) // entries
	for _, e := range [][2]uint16{{0x010f, 0}, {0x0112, uint16(orientation)}} {
		add16(e[0])
		add16(3)
		add32(1)
		add16(e[1])
		add16(0)
	}
	tiff = append(tiff, "GPS 52.5200 13.4050 SecretCamera"...)
	payload := append([]byte("Exif\x00\x00"), tiff...)
	segment := []byte{0xff, 0xe1, 0, 0}
	binary.BigEndian.PutUint16(segment[2:], uint16(len(payload)+2))
	return append(append(append([]byte{}, raw[:2]...), append(segment, payload...)...), raw[2:]...)
}

func TestPhotosAreUprightAndSayNothing(t *testing.T) {
	// Where the red corner (top left as stored) must be afterwards, per orientation.
	corners := map[byte][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for orientation, corner := range corners {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			p := develop(t, withEXIF(shot(80, 40), orientation, order))
			if sideways := orientation >= 5; sideways != (p.Height > p.Width) {
				t.Fatalf("orientation %d: %d×%d", orientation, p.Width, p.Height)
			}
			if bytes.Contains(p.JPEG, []byte("Exif")) || bytes.Contains(p.JPEG, []byte("SecretCamera")) {
				t.Fatalf("orientation %d: metadata survived", orientation)
			}
			img, err := jpeg.Decode(bytes.NewReader(p.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			x, y := p.Width/4+corner[0]*p.Width/2, p.Height/4+corner[1]*p.Height/2
			if r, _, b, _ := img.At(x, y).RGBA(); r < b {
				t.Errorf("orientation %d: the red corner is not at %v", orientation, corner)
			}
		}
	}
}

func TestPhotosShrink(t *testing.T) {
	noise := image.NewRGBA(image.Rect(0, 0, 3300, 1700))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, noise, nil); err != nil {
		t.Fatal(err)
	}
	p := develop(t, raw.Bytes())
	if len(p.JPEG) > maxJPEG || max(p.Width, p.Height) > MaxSide || p.Width < p.Height {
		t.Errorf("%d bytes, %d×%d", len(p.JPEG), p.Width, p.Height)
	}
}

func TestFormats(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 10)) // transparent: must become white, not black
	var asPNG, asGIF bytes.Buffer
	if err := png.Encode(&asPNG, clear); err != nil {
		t.Fatal(err)
	}
	frames := &gif.GIF{Delay: []int{1, 1}}
	for range 2 {
		frames.Image = append(frames.Image, image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.White, color.Black}))
	}
	if err := gif.EncodeAll(&asGIF, frames); err != nil {
		t.Fatal(err)
	}
	// The smallest lossless WebP there is: one transparent pixel.
	webp := "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
	for name, raw := range map[string][]byte{"png": asPNG.Bytes(), "gif": asGIF.Bytes(), "webp": []byte(webp)} {
		p := develop(t, raw)
		img, err := jpeg.Decode(bytes.NewReader(p.JPEG))
		if err != nil {
			t.Fatal(name, err)
		}
		if r, _, _, _ := img.At(0, 0).RGBA(); r < 0xf000 {
			t.Errorf("%s: the ground is not white", name)
		}
	}
}

// bombPNG is a PNG of a few bytes that claims to be w by h pixels.
func bombPNG(w, h uint32) []byte {
	head := make([]byte, 13)
	binary.BigEndian.PutUint32(head, w)
	binary.BigEndian.PutUint32(head[4:], h)
	head[8], head[9] = 8, 6
	chunk := append([]byte("IHDR"), head...)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestPhotosRefused(t *testing.T) {
	small := NewDarkroom(24 << 20)
	for _, c := range []struct {
		name string
		raw  []byte
		key  string
		kind fault.Kind
	}{
		{"bomb", bombPNG(60000, 60000), "photo.pixels", fault.TooLarge},
		{"too much for this hub", bombPNG(4000, 3000), "photo.memory", fault.TooLarge},
		{"bytes", make([]byte, MaxUpload+1), "photo.bytes", fault.TooLarge},
		{"text", []byte("<svg onload=alert(1)>"), "photo.format", fault.Invalid},
		{"empty", nil, "photo.format", fault.Invalid},
		{"cut off", shot(80, 40)[:200], "photo.unreadable", fault.Invalid},
		{"head alone", bombPNG(10, 10), "photo.unreadable", fault.Invalid},
		{"no pixels", []byte("GIF89a\x00\x00\x00\x00\x00\x00\x00"), "photo.unreadable", fault.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := small.Develop(context.Background(), bytes.NewReader(c.raw))
			refused(t, err, c.key)
			if f := fault.Of(err); f.Kind != c.kind || f.Field != "photo" {
				t.Errorf("%s on %q", f.Kind, f.Field)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	small.turn <- struct{}{}
	_, err := small.Develop(ctx, strings.NewReader(""))
	refused(t, err, "photo.busy")
}

func FuzzPhoto(f *testing.F) {
	f.Add(shot(20, 10))
	f.Add(withEXIF(shot(20, 10), 6, binary.BigEndian))
	f.Add(bombPNG(10, 10))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	room := NewDarkroom(32 << 20)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := room.Develop(context.Background(), bytes.NewReader(raw))
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Fatalf("an accident instead of a refusal: %v", err)
			}
			return
		}
		if len(p.JPEG) > maxJPEG || p.Width < 1 || p.Height < 1 || max(p.Width, p.Height) > MaxSide {
			t.Fatalf("%d bytes, %d×%d", len(p.JPEG), p.Width, p.Height)
		}
	})
}

// shot is a JPEG of one colour with a red corner at the top left.
func shot(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func develop(t testing.TB, raw []byte) *Picture {
	t.Helper()
	p, err := NewDarkroom(0).Develop(context.Background(), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refused(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || fault.Of(err).Key != key {
		t.Fatalf("got %v, want a fault %s", err, key)
	}
}
