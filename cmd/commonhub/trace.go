package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"

	"commonhub/hub"
	"commonhub/hub/mirror"
)

func meshCommand(ctx context.Context, t *terminal, args []string) error {
	asJSON := false
	c, words, err := t.consoleCommand("mesh", args, func(f *flag.FlagSet) { f.BoolVar(&asJSON, "json", false, "print JSON") })
	if err != nil {
		return err
	}
	if len(words) != 2 || words[0] != "trace" {
		return usage("commonhub mesh trace EVENT [--json]; EVENT is the address of a notice or an event, a leaf hash, or ID/INDEX", false)
	}
	var trace mirror.Trace
	if err := c.call(ctx, http.MethodPost, "/mesh/trace", hub.ConsoleRequest{ID: words[1]}, &trace); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(t.out).Encode(trace)
	}
	t.traced(trace)
	return nil
}

// traced prints a trace, a hub a line, in the order in which the event went.
func (t *terminal) traced(trace mirror.Trace) {
	names := map[string]string{}
	for _, h := range trace.Hubs {
		names[h.ID] = h.Name
	}
	fmt.Fprintf(t.out, "%s, event %d of %s (%s)\nwritten %s there, leaf %s\n", trace.Kind, trace.Index, called(names[trace.Origin]), trace.Origin,
		trace.At.Format("2006-01-02 15:04:05.000 MST"), trace.Leaf)
	for _, h := range trace.Hubs {
		fmt.Fprintf(t.out, "%-9s %s  %s%s\n", h.Presence, h.ID, called(h.Name), t.tracedHow(trace, h, names))
	}
}

func called(name string) string {
	if name == "" {
		return "a hub without a name"
	}
	return name
}

// tracedHow says when the event came to a hub, from whom, and what the hub signed.
func (t *terminal) tracedHow(trace mirror.Trace, h mirror.Traced, names map[string]string) string {
	var said []string
	if !h.Heard.IsZero() {
		said = append(said, fmt.Sprintf("heard %s (%+.3f s)", h.Heard.Format("15:04:05.000"), h.Heard.Sub(trace.At).Round(time.Millisecond).Seconds()))
	}
	if h.Via != "" {
		said = append(said, "from "+called(names[h.Via]))
	}
	switch {
	case h.Hops == 1:
		said = append(said, "1 hop")
	case h.Hops > 1:
		said = append(said, fmt.Sprintf("%d hops", h.Hops))
	}
	if h.Cosigned {
		said = append(said, "cosigned")
	}
	if h.Presence == mirror.Waits {
		said = append(said, fmt.Sprintf("has %d events of it", h.Size))
	}
	if len(said) == 0 {
		return ""
	}
	return ": " + strings.Join(said, ", ")
}
