package main

import (
	"flag"
	"io"
	"testing"
)

func TestWhoAnswersMulticast(t *testing.T) {
	for words, want := range map[string]struct{ on, ok bool }{
		"":               {true, true},
		"--mdns":         {true, true},
		"--mdns=builtin": {true, true},
		"--mdns=true":    {true, true},
		"--mdns=off":     {false, true},
		"--mdns=false":   {false, true},
		"--mdns=avahi":   {true, false},
		"--mdns=":        {true, false},
	} {
		var s settings
		f := flag.NewFlagSet("serve", flag.ContinueOnError)
		f.SetOutput(io.Discard)
		s.flags(f)
		var args []string
		if words != "" {
			args = []string{words}
		}
		if err := parseFlags(f, args); (err == nil) != want.ok || s.MDNS != want.on {
			t.Errorf("%q: on %v, error %v", words, s.MDNS, err)
		}
	}
}
