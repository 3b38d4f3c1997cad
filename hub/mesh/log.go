package mesh

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// libraryLog passes on what memberlist and mdns print. Their lines carry a level in brackets.
// DEBUG is dropped, and the rest is limited, because whoever is on the link decides how many
// lines there are.
type libraryLog struct {
	log     *slog.Logger
	limit   *rate.Limiter
	dropped atomic.Int64
}

func newLibraryLog(to *slog.Logger) *log.Logger {
	return log.New(&libraryLog{log: to, limit: rate.NewLimiter(rate.Limit(0.2), 10)}, "", 0)
}

// Write takes one line, "[LEVEL] library: text".
func (l *libraryLog) Write(line []byte) (int, error) {
	level, text := splitLevel(bytes.TrimSpace(line))
	if level < slog.LevelInfo {
		return len(line), nil
	}
	if !l.limit.Allow() {
		l.dropped.Add(1)
		return len(line), nil
	}
	l.log.LogAttrs(context.Background(), level, "mesh: "+string(text), slog.Int64("dropped", l.dropped.Swap(0)))
	return len(line), nil
}

// splitLevel reads the level off a line. An error of a library is a warning to us: a stranger
// can cause any of them, and the hub goes on.
func splitLevel(line []byte) (slog.Level, []byte) {
	tag, text, ok := bytes.Cut(line, []byte("] "))
	if !ok || len(tag) == 0 || tag[0] != '[' {
		return slog.LevelInfo, line
	}
	switch string(tag[1:]) {
	case "DEBUG", "INFO":
		return slog.LevelDebug, text
	case "WARN", "ERR", "ERROR":
		return slog.LevelWarn, text
	}
	return slog.LevelInfo, text
}
