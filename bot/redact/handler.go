package redact

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// Handler returns a handler through which no personal data reaches next: the
// message, every string, error and other value is masked, in groups and in
// attributes that were added before too. Numbers, times and a Text pass as they
// are. A value that would be printed field by field is replaced by the name of
// its type, since nobody can tell what lies in it.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ next slog.Handler }

func (h handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	safe := slog.NewRecord(r.Time, r.Level, Mask(r.Message).s, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		safe.AddAttrs(maskAttr(a))
		return true
	})
	return h.next.Handle(ctx, safe)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.next.WithAttrs(maskAttrs(attrs))}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.next.WithGroup(name)} }

func maskAttrs(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = maskAttr(a)
	}
	return out
}

func maskAttr(a slog.Attr) slog.Attr {
	if _, safe := a.Value.Any().(Text); safe {
		return slog.Attr{Key: a.Key, Value: a.Value.Resolve()}
	}
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(Mask(v.String()).s)
	case slog.KindGroup:
		v = slog.GroupValue(maskAttrs(v.Group())...)
	case slog.KindAny:
		v = slog.StringValue(maskAny(v.Any()))
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// maskAny prints what speaks for itself and names the type of what does not.
func maskAny(x any) string {
	switch x := x.(type) {
	case nil:
		return "<nil>"
	case error:
		return Mask(x.Error()).s
	case fmt.Stringer:
		return Mask(x.String()).s
	case []string:
		return Mask(strings.Join(x, ", ")).s
	}
	return fmt.Sprintf("(%T)", x)
}
