package flowstest

import (
	"context"
	"errors"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// Records is a Lookup in memory: facts by the name of the look-up and the value
// of any of its arguments. A look-up it does not know at all fails.
type Records map[string]map[string][]bot.Fact

// Lookup returns the record under one of the arguments, or flows.ErrNone.
func (r Records) Lookup(_ context.Context, name string, args map[string]string) ([]bot.Fact, error) {
	if r[name] == nil {
		return nil, errors.New("look-up " + name + " is out of order")
	}
	for _, v := range args {
		if facts, ok := r[name][v]; ok {
			return facts, nil
		}
	}
	return nil, flows.ErrNone
}

// TestLookup holds that a Lookup keeps its promises: facts with names and
// values, the same twice; ErrNone for what is not there and not for what fails;
// and no patience beyond its context.
func TestLookup(t *testing.T, l flows.Lookup, name string, knows, knowsNot map[string]string) {
	t.Helper()
	ctx := context.Background()
	facts, err := l.Lookup(ctx, name, knows)
	if err != nil || len(facts) == 0 {
		t.Fatalf("%s %v: %v, %v; want facts", name, knows, facts, err)
	}
	again, err := l.Lookup(ctx, name, knows)
	if err != nil || len(again) != len(facts) {
		t.Errorf("the second time %v, %v", again, err)
	}
	for i, f := range facts {
		if f.Name == "" || f.Value == "" || i < len(again) && again[i] != f {
			t.Errorf("fact %d is %+v, the second time %+v", i, f, again[i])
		}
	}
	if facts, err := l.Lookup(ctx, name, knowsNot); !errors.Is(err, flows.ErrNone) || len(facts) > 0 {
		t.Errorf("%s %v: %v, %v; want ErrNone", name, knowsNot, facts, err)
	}
	if _, err := l.Lookup(ctx, "no such look-up", knows); err == nil || errors.Is(err, flows.ErrNone) {
		t.Errorf("a look-up that does not exist: %v; want an error that is not ErrNone", err)
	}
	for text, value := range hostile() {
		if facts, err := l.Lookup(ctx, name, map[string]string{"order": value}); err == nil && len(facts) > 0 {
			t.Errorf("%s: found %v", text, facts)
		}
	}
}
