package photo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// segments walks the marker segments of a JPEG (ITU-T T.81, annex B) up to the first scan. visit gets the marker and the
// payload and returns false to stop. Anything malformed ends the walk.
func segments(raw []byte, visit func(marker byte, payload []byte) bool) {
	for i := 2; i+4 <= len(raw) && raw[i] == 0xff; {
		marker := raw[i+1]
		if marker == 0xff { // fill byte
			i++
			continue
		}
		size := int(binary.BigEndian.Uint16(raw[i+2:]))
		end := i + 2 + size
		if size < 2 || end > len(raw) || marker == 0xda || !visit(marker, raw[i+4:end]) {
			return
		}
		i = end
	}
}

// jpegFrame reads from the frame header how many bytes of samples a pixel takes (rounded up) and whether the file is
// progressive. Without a frame header it answers the worst.
func jpegFrame(raw []byte) (samples int64, progressive bool) {
	samples, progressive = 4, true
	segments(raw, func(marker byte, p []byte) bool {
		if marker < 0xc0 || marker > 0xc2 {
			return true
		}
		progressive = marker == 0xc2
		if len(p) > 5 {
			samples = sampling(p[5], p[6:])
		}
		return false
	})
	return samples, progressive
}

// sampling sums up the planes of a frame relative to the largest: 4:4:4 is 3, 4:2:0 is 1.5 and counts as 2.
func sampling(n byte, planes []byte) int64 {
	var sum, most int64
	for i := 0; i < int(n) && 3*i+1 < len(planes); i++ {
		hv := planes[3*i+1]
		area := int64(hv>>4) * int64(hv&15)
		sum, most = sum+area, max(most, area)
	}
	if most == 0 {
		return 4
	}
	return (sum + most - 1) / most
}

// orientationOf finds the EXIF orientation (1 to 8; 1 = as stored) in a JPEG, PNG or WebP. It is the only metadata that is
// used, because a photo that lies on its side is no photo.
func orientationOf(raw []byte) int {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8")):
		found := 1
		segments(raw, func(marker byte, p []byte) bool {
			tiff, ok := bytes.CutPrefix(p, []byte("Exif\x00\x00"))
			if marker != 0xe1 || !ok {
				return true
			}
			found = tiffOrientation(tiff)
			return false
		})
		return found
	case bytes.HasPrefix(raw, []byte("\x89PNG")):
		return tiffOrientation(chunk(raw, 8, "eXIf", binary.BigEndian, 4, 4))
	case bytes.HasPrefix(raw, []byte("RIFF")):
		exif := chunk(raw, 12, "EXIF", binary.LittleEndian, 0, 0)
		return tiffOrientation(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
	}
	return 1
}

// chunk finds a chunk of PNG (size before the name, checksum after the payload) or RIFF (name before the size, padded to
// even). at is where chunks begin; nameAt is where the name stands in a chunk's head of eight bytes; trail is what follows.
func chunk(raw []byte, at int, name string, order binary.ByteOrder, nameAt, trail int) []byte {
	sizeAt := 4 - nameAt
	for at+8 <= len(raw) {
		size := int64(order.Uint32(raw[at+sizeAt:]))
		if size > int64(len(raw)-at-8) {
			return nil
		}
		payload := raw[at+8 : at+8+int(size)]
		if string(raw[at+nameAt:at+nameAt+4]) == name {
			return payload
		}
		at += 8 + int(size) + trail
		if trail == 0 {
			at += int(size & 1)
		}
	}
	return nil
}

// tiffOrientation reads tag 0x0112 from the first directory of a TIFF block (TIFF 6.0, section 2).
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for n := int(order.Uint16(b[at:])); n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
		if order.Uint16(entries) != 0x0112 {
			continue
		}
		if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}

// turn sets img upright. Orientations 5 to 8 swap the sides.
func turn(img *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := place(x, y, w, h, orientation)
			copy(to.Pix[to.PixOffset(tx, ty):], img.Pix[img.PixOffset(x, y):img.PixOffset(x, y)+4])
		}
	}
	return to
}

// place is where the stored pixel (x, y) of a w by h image belongs (EXIF 2.32, tag Orientation).
func place(x, y, w, h, orientation int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
