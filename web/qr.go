package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quietZone is the light margin that readers need, in modules (ISO/IEC 18004 asks for 4).
const quietZone = 4

// modules gives the dark modules of text as an SVG path, one stroke of height 1 for each run in a row, and the side of the
// whole picture in modules; 0 if text is too long for any QR code.
func modules(text string) (path string, side int) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", 0
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1H%dz", from+quietZone, y+quietZone, x-from, from+quietZone)
			}
		}
	}
	return b.String(), code.Size + 2*quietZone
}

func box(side int) string { return fmt.Sprintf("0 0 %d %d", side, side) }
