package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/onkihq/onki/bot/redact"
	"github.com/sony/gobreaker/v2"
	"github.com/tmc/langchaingo/llms"
)

// Options says which models there are and what they may cost.
type Options struct {
	Models  []Spec            // in the order in which they are tried
	Budget  Budget            // of all of them together
	Prompts fs.FS             // a brand's folder, whose prompts/ override the built-in ones; may be nil
	Brand   map[string]string // the brand's name by language, for the instructions
	Seen    func(Call)        // told of every call, from several goroutines at once; may be nil
	Pause   time.Duration     // how long a model that fails is left alone; 0 means 30 s
	Wire    http.RoundTripper // the network; nil is Go's own
	Now     func() time.Time  // nil means time.Now
	Marker  func() string     // the word that marks data in a prompt; nil is a random one
}

// A Call is what is known of one call of a model. It holds no text.
type Call struct {
	Purpose string
	Model   string        // PROVIDER:NAME
	Outcome string        // ok, status, timeout, unreachable, nonsense, open or budget
	Took    time.Duration // 0 when the model was not called
	In, Out int           // tokens; estimated when the provider does not say
	Cost    float64       // by the price of the Spec
	Prompt  int           // bytes of the prompt
}

// Models are the configured models. They may be used by several goroutines at
// once.
type Models struct {
	all     []*model
	prompts *prompts
	spent   *spending
	seen    func(Call)
	now     func() time.Time
}

// model is one endpoint with its circuit breaker.
type model struct {
	*endpoint
	breaker *gobreaker.CircuitBreaker[string]
	wire    http.RoundTripper // nil is the network

	mu     sync.Mutex
	open   map[string]llms.Model // by purpose
	simple bool                  // the server refused a schema: plain JSON is asked for
}

// The errors of Ask beside those of a provider.
var (
	// ErrNone: no model is configured for the purpose.
	ErrNone = errors.New("no model for this purpose")
	// ErrBudget: the budget of the day or of the conversation is spent.
	ErrBudget = errors.New("the budget for models is spent")
	// ErrNonsense: the model answered, but not what was asked for.
	ErrNonsense = errors.New("the model's answer cannot be used")
)

// New reads the specs and the prompts. It calls no model.
func New(o Options) (*Models, error) {
	m := &Models{spent: &spending{budget: o.Budget}, seen: o.Seen, now: o.Now}
	if m.now == nil {
		m.now = time.Now
	}
	var err error
	if m.prompts, err = readPrompts(o); err != nil {
		return nil, err
	}
	for _, s := range o.Models {
		e, err := s.parse()
		if err != nil {
			return nil, err
		}
		m.all = append(m.all, &model{endpoint: e, wire: o.Wire, open: make(map[string]llms.Model), breaker: gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
			Name: e.label(), MaxRequests: 1, Timeout: cmp.Or(o.Pause, 30*time.Second),
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
		})})
	}
	return m, nil
}

// Has reports whether a model is configured for the purpose.
func (m *Models) Has(purpose string) bool {
	for _, x := range m.all {
		if x.serves(purpose) {
			return true
		}
	}
	return false
}

// Labels names the models for the purpose, in order.
func (m *Models) Labels(purpose string) (out []string) {
	for _, x := range m.all {
		if x.serves(purpose) {
			out = append(out, x.label())
		}
	}
	return out
}

// A Query is what a model is asked. Its texts hold no personal data.
type Query struct {
	Purpose      string
	Conversation string      // whose budget pays; "" is nobody's
	System       redact.Text // instructions
	User         redact.Text // data
	Into         func(text string) error
}

// Ask puts the query to the models for its purpose, in order, until one gives
// an answer that Into accepts, and returns what is known of that call. While
// further models are left, one that is slow gets only half of the time.
func (m *Models) Ask(ctx context.Context, q Query) (Call, error) {
	err := fmt.Errorf("%s: %w", q.Purpose, ErrNone)
	var left []*model
	for _, x := range m.all {
		if x.serves(q.Purpose) {
			left = append(left, x)
		}
	}
	for i, x := range left {
		if !m.spent.allows(q.Conversation, m.now()) {
			m.tell(Call{Purpose: q.Purpose, Model: x.label(), Outcome: "budget"})
			return Call{}, fmt.Errorf("%s: %w", q.Purpose, ErrBudget)
		}
		var call Call
		if call, err = m.ask(ctx, x, q, i+1 < len(left)); err == nil {
			return call, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return Call{}, err
}

// ask puts the query to one model, behind its breaker.
func (m *Models) ask(ctx context.Context, x *model, q Query, more bool) (Call, error) {
	start := m.now()
	limit := x.Timeout
	if deadline, ok := ctx.Deadline(); ok && more {
		limit = min(cmp.Or(limit, time.Hour), time.Until(deadline)/2)
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	call := Call{Purpose: q.Purpose, Model: x.label(), Prompt: len(q.System.String()) + len(q.User.String())}
	_, err := x.breaker.Execute(func() (string, error) {
		text, err := x.call(ctx, q, &call)
		if err == nil {
			if bad := q.Into(text); bad != nil {
				err = fmt.Errorf("%w: %w", ErrNonsense, bad)
			}
		}
		return text, err
	})
	call.Took = m.now().Sub(start)
	call.Cost = (float64(call.In)*x.Price.In + float64(call.Out)*x.Price.Out) / 1e6
	m.spent.add(q.Conversation, call, m.now())
	call.Outcome = outcome(ctx, err)
	m.tell(call)
	if err != nil {
		return call, fmt.Errorf("%s (%s): %w", x.label(), call.Outcome, err)
	}
	return call, nil
}

// outcome sorts an error into the closed set of Call.Outcome.
func outcome(ctx context.Context, err error) string {
	var status *StatusError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return "open"
	case errors.Is(err, ErrNonsense):
		return "nonsense"
	case errors.As(err, &status):
		return "status"
	case ctx.Err() != nil: // langchaingo makes a new text of it, so the context itself is asked
		return "timeout"
	}
	return "unreachable"
}

// call tries at most twice: what passes in a moment is worth a second look, if
// there is time.
func (x *model) call(ctx context.Context, q Query, call *Call) (string, error) {
	wait := backoff.NewExponentialBackOff() // with jitter
	wait.InitialInterval = 150 * time.Millisecond
	return backoff.Retry(ctx, func() (string, error) {
		text, err := x.once(ctx, q, call)
		var status *StatusError
		switch {
		case err == nil:
			return text, nil
		case ctx.Err() != nil, errors.Is(err, ErrNonsense):
			return "", backoff.Permanent(err)
		case errors.As(err, &status) && status.Code == http.StatusBadRequest && x.plain():
			return "", err // once more, without the schema
		case errors.As(err, &status) && !status.passing():
			return "", backoff.Permanent(err)
		case errors.As(err, &status) && status.RetryAfter > 0:
			if deadline, ok := ctx.Deadline(); ok && status.RetryAfter >= time.Until(deadline)/2 {
				return "", backoff.Permanent(err)
			}
			return "", fmt.Errorf("%w: %w", &backoff.RetryAfterError{Duration: status.RetryAfter}, err)
		}
		return "", err
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(2))
}

// plain stops asking for a schema, once.
func (x *model) plain() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.simple || x.provider == "anthropic" {
		return false
	}
	x.simple = true
	clear(x.open)
	return true
}

// answerTokens is how long an answer may be.
const answerTokens = 1200

// once is one exchange with the provider.
func (x *model) once(ctx context.Context, q Query, call *Call) (string, error) {
	m, err := x.model(q.Purpose)
	if err != nil {
		return "", err
	}
	res, err := m.GenerateContent(ctx, []llms.MessageContent{
		llms.TextParts(llms.ChatMessageTypeSystem, q.System.String()),
		llms.TextParts(llms.ChatMessageTypeHuman, q.User.String()),
	}, llms.WithMaxTokens(answerTokens))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	in, out := 0, 0
	for _, c := range res.Choices { // anthropic returns one for each block of the answer
		b.WriteString(c.Content)
		in = max(in, number(c.GenerationInfo, "PromptTokens", "InputTokens"))
		out = max(out, number(c.GenerationInfo, "CompletionTokens", "OutputTokens"))
	}
	if in == 0 {
		in = call.Prompt / 3
	}
	if out == 0 {
		out = b.Len() / 3
	}
	call.In, call.Out = call.In+in, call.Out+out
	if b.Len() == 0 {
		return "", fmt.Errorf("%w: it is empty", ErrNonsense)
	}
	return b.String(), nil
}

func (x *model) model(purpose string) (llms.Model, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if m := x.open[purpose]; m != nil {
		return m, nil
	}
	m, err := x.endpoint.open(x.wire, shapeOf(purpose), x.simple)
	if err == nil {
		x.open[purpose] = m
	}
	return m, err
}

func number(info map[string]any, names ...string) int {
	for _, n := range names {
		if v, ok := info[n].(int); ok && v > 0 {
			return v
		}
	}
	return 0
}

func (m *Models) tell(c Call) {
	if m.seen != nil {
		m.seen(c)
	}
}
