package web

import (
	"strconv"

	"github.com/a-h/templ"
)

// Input describes one form field. Label and Hint are sentences already in the reader's language.
type Input struct {
	Name     string
	Label    string
	Hint     string // shown under the label and read out with the field
	Value    string // what was there before, or what the person just sent
	Type     string // of <input>: "text" when empty; "password", "search", "number", "date", "email", "url"
	Required bool
	Max      int    // longest value in characters, 0 for no limit; the server checks it again
	Fill     string // autocomplete attribute: "username", "current-password", "new-password", "one-time-code", "off"
	Mode     string // inputmode attribute: "numeric", "search"
	Plain    bool   // a code, secret or address: no capital letters and corrections by the keyboard, always left to right
	Rows     int    // height of an Area in lines, 5 when 0
}

// Choice is one option of a Select or of Radios.
type Choice struct {
	Value  string
	Label  string
	Hint   string // Radios only
	Chosen bool
}

// Hidden is a value that a form carries along unseen.
type Hidden struct{ Name, Value string }

func (i Input) id() string    { return "f-" + i.Name }
func (i Input) hint() string  { return "hint-" + i.Name }
func (i Input) wrong() string { return "wrong-" + i.Name }

func (i Input) kind() string {
	if i.Type == "" {
		return "text"
	}
	return i.Type
}

func (i Input) rows() string {
	if i.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(i.Rows)
}

// dir lets what people write choose its own direction; codes and addresses read left to right in every language.
func (i Input) dir() string {
	if i.Plain || i.Type == "password" || i.Type == "url" || i.Type == "email" {
		return "ltr"
	}
	return "auto"
}

// described names the elements that a screen reader reads out with the field: the hint and the error, if any.
func (i Input) described(r *Refusal) string {
	s := ""
	if i.Hint != "" {
		s = i.hint()
	}
	if r.On(i.Name) != "" {
		if s != "" {
			s += " "
		}
		s += i.wrong()
	}
	return s
}

// state are the attributes that every kind of field may have.
func (i Input) state(r *Refusal) templ.Attributes {
	a := templ.Attributes{"required": i.Required}
	if ids := i.described(r); ids != "" {
		a["aria-describedby"] = ids
	}
	if r.On(i.Name) != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// writing are the attributes of a field that is typed into.
func (i Input) writing(r *Refusal) templ.Attributes {
	a := i.state(r)
	if i.Fill != "" {
		a["autocomplete"] = i.Fill
	}
	if i.Mode != "" {
		a["inputmode"] = i.Mode
	}
	if i.Max > 0 {
		a["maxlength"] = strconv.Itoa(i.Max)
	}
	if i.Plain {
		a["autocapitalize"], a["autocorrect"], a["spellcheck"] = "none", "off", "false"
	}
	return a
}
