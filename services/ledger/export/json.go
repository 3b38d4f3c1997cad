package export

import (
	"encoding/json"
	"io"
)

// JSON writes {"origin": …, "below": …, "entries": [Row, …]}.
func (f File) JSON(w io.Writer) error {
	head, err := json.Marshal(struct {
		Origin string `json:"origin"`
		Period string `json:"period,omitempty"`
		Below  uint64 `json:"below"`
	}{string(f.Origin), f.Code, f.End})
	if err != nil {
		return err
	}
	if _, err := w.Write(append(head[:len(head)-1], `,"entries":[`...)); err != nil {
		return err
	}
	comma := "\n"
	err = f.pieces(func(rows []Row) error {
		for _, r := range rows {
			line, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(w, comma+string(line)); err != nil {
				return err
			}
			comma = ",\n"
		}
		return nil
	}, nothing)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}
