package solve

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// What one condition may cost: pieces of the expression, and cells of memory
// while it runs.
const (
	nodesMax  = 100
	memoryMax = 10_000
)

// A condition is a compiled expression.
type condition struct {
	text    string
	program *vm.Program
}

// builtins are the functions a condition may use besides days. None reads a
// clock or makes anything large.
var builtins = strings.Fields("len lower upper trim abs min max hasPrefix hasSuffix")

// days is how many days lie between two dates, positive when the second is later.
var days = expr.Function("days", func(p ...any) (any, error) {
	return daysBetween(p[0].(time.Time), p[1].(time.Time)), nil
}, new(func(time.Time, time.Time) int))

// daysBetween counts midnights.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}

// The words of an expression that stand for something; quoted text and field
// names after a point are left out.
var (
	quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	names  = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?`)
)

// mentions lists what an expression speaks of: order, delivery.status …
func mentions(text string) []string {
	return names.FindAllString(quoted.ReplaceAllString(text, ""), -1)
}

// compile compiles an expression against what it may speak of.
func compile(text string, env types.Map, want expr.Option) (*condition, error) {
	options := []expr.Option{expr.Env(env), want, expr.MaxNodes(nodesMax), expr.DisableAllBuiltins(), days}
	for _, b := range builtins {
		options = append(options, expr.EnableBuiltin(b))
	}
	p, err := expr.Compile(text, options...)
	if err != nil {
		var where *file.Error
		if errors.As(err, &where) {
			return nil, fmt.Errorf("%q: %s", text, where.Message)
		}
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	return &condition{text, p}, nil
}

// run evaluates the condition; a failure, such as a fact that is not there, is
// an error and never a yes.
func (c *condition) run(env map[string]any) (any, error) {
	machine := vm.VM{MemoryBudget: memoryMax}
	out, err := machine.Run(c.program, env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.text, err)
	}
	return out, nil
}

// holds reports whether a condition is there and true.
func (c *condition) holds(env map[string]any) bool {
	if c == nil {
		return true
	}
	out, err := c.run(env)
	yes, ok := out.(bool)
	return err == nil && ok && yes
}

// goType is the Go type that stands for a kind of fact in an expression.
func (k Kind) goType() types.Type {
	switch k.Name {
	case kindNumber, kindMoney:
		return types.Float64
	case kindDate:
		return types.TypeOf(time.Time{})
	case kindFlag:
		return types.Bool
	}
	return types.String
}

// vocabulary is what the conditions of a flow may speak of.
func vocabulary(f *Flow, office *Office) types.Map {
	env := types.Map{
		"today": types.TypeOf(time.Time{}), "event": types.String, "lang": types.String, "channel": types.String,
		"asks": types.TypeOf([]string{}),
	}
	for name, s := range f.Know {
		env[name] = types.String
		switch s.Type {
		case "date":
			env[name] = types.TypeOf(time.Time{})
		case "amount":
			env[name] = types.Float64
		}
	}
	for name, c := range office.calls() {
		fields := types.Map{}
		for field, k := range c.Facts {
			fields[field] = k.goType()
		}
		env[name] = fields
	}
	for _, s := range f.Steps {
		if s.Choose != nil {
			env[s.Step] = types.String // the option chosen
		}
	}
	return env
}

// opening is what the "if" of a "when" may speak of: nothing is looked up yet.
func opening() types.Map {
	return types.Map{"event": types.String, "lang": types.String, "channel": types.String, "named": types.Bool, "asks": types.TypeOf([]string{})}
}

var (
	asBool  = expr.AsBool()
	asMoney = expr.AsKind(reflect.Float64)
)
