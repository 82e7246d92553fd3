package llm

import (
	"context"

	"github.com/onkihq/onki/bot/redact"
)

// Health is whether one model answers.
type Health struct {
	Model string
	Call  Call
	Err   error
}

// Ping asks every configured model one short question.
func (m *Models) Ping(ctx context.Context) []Health {
	var out []Health
	for _, x := range m.all {
		call, err := m.ask(ctx, x, Query{
			Purpose: Fill, System: redact.Const(`Answer with this JSON object and nothing else: {"question":"ok"}`), User: redact.Const("ok"),
			Into: func(text string) error { return decode(text, new(struct{})) },
		}, false)
		out = append(out, Health{x.label(), call, err})
	}
	return out
}
