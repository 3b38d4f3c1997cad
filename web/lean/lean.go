// Package lean is what generated pages share, and .ci/shorten brings them to use it.
//
// What templ generates spells the same forty lines in each component and in each block of children, and checks for an error after every word
// that it writes. On a small processor that is more than a megabyte of program. The buffer of a component remembers its first error and
// tells it when it is flushed, so that asking once is enough; the forty lines are here.
package lean

import (
	"context"
	"io"

	"github.com/a-h/templ"
	templruntime "github.com/a-h/templ/runtime"
)

// Buffer is what a component writes to.
type Buffer = templruntime.Buffer

// Component makes a component of what templ generated for one. children are never nil.
func Component(render func(ctx context.Context, w *Buffer, children templ.Component) error) templ.Component {
	return Block(func(ctx context.Context, w *Buffer) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		children := templ.GetChildren(ctx)
		if children == nil {
			children = templ.NopComponent
		}
		return render(templ.ClearChildren(ctx), w, children)
	})
}

// Block makes a component of the children that a component is given.
func Block(render func(ctx context.Context, w *Buffer) error) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, out io.Writer) (err error) {
		w, inner := templruntime.GetBuffer(out)
		if !inner {
			defer func() {
				if flushed := templruntime.ReleaseBuffer(w); err == nil {
					err = flushed
				}
			}()
		}
		return render(templ.InitializeContext(ctx), w)
	})
}

// Text writes words into a page. Its error comes back when the page is flushed.
func Text[T ~string](w *Buffer, words T) { w.WriteString(templ.EscapeString(words)) }
