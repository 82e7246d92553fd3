package flowstest

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/onkihq/onki/bot"
)

//go:embed customers.yaml
var customersText []byte

// customers is what simulated customers say, by language and intention.
var customers = sync.OnceValue(func() map[string]map[string][]string {
	var c map[string]map[string][]string
	if err := yaml.UnmarshalWithOptions(customersText, &c, yaml.Strict()); err != nil {
		panic(err) // part of the binary; the tests read it
	}
	return c
})

// turnsMax is how long a simulated customer talks at most.
const turnsMax = 12

// Simulate holds one random conversation with the flow and returns the first
// broken rule of the care model, or nil. The same seed is the same
// conversation. The customer reacts by simple rules: an answer may ease or
// annoy them, a question may be answered, a person may be asked for.
func Simulate(ctx context.Context, seed uint64, flow bot.Flow) error {
	rnd := rand.New(rand.NewPCG(seed, 0x0171))
	c := &simulated{rnd: rnd, lang: []string{"ko", "en"}[rnd.IntN(2)], patience: rnd.Float64()}
	now := start
	ledger := &bot.Memory{Now: func() time.Time { return now }}
	engine := &bot.Engine{Flow: flow, Now: func() time.Time { return now }}
	at := bot.Address{Channel: "sim", Thread: fmt.Sprint(seed)}
	want := "open"
	var rules watch
	for turn := range turnsMax {
		now = now.Add(time.Duration(1+rnd.IntN(600)) * time.Second)
		m := bot.Message{ID: fmt.Sprint(turn), From: at, User: "sim", Text: c.line(want), Time: now}
		if want == "press" {
			m.Text, m.Choice = "", bot.ChoiceHuman
		}
		e, err := answer(ctx, ledger, engine, m, now)
		if err != nil {
			return fmt.Errorf("seed %d turn %d: %w", seed, turn, err)
		}
		if err := rules.check(m, e); err != nil {
			return fmt.Errorf("seed %d turn %d: %q: %w", seed, turn, m.Text, err)
		}
		if want == "thanks" || want == "quit" && rnd.IntN(2) == 0 {
			return nil
		}
		want = c.next(e)
	}
	return nil
}

func answer(ctx context.Context, l *bot.Memory, e *bot.Engine, m bot.Message, now time.Time) (bot.Entry, error) {
	if err := l.Receive(ctx, bot.Clean(m, now)); err != nil {
		return bot.Entry{}, err
	}
	w, err := l.Claim(ctx)
	if err != nil {
		return bot.Entry{}, err
	}
	e.Answer(ctx, w)
	if err := l.Commit(ctx, w); err != nil {
		return bot.Entry{}, err
	}
	if w.Entry.Failure != "" {
		return w.Entry, fmt.Errorf("the flow failed: %s", w.Entry.Failure)
	}
	return w.Entry, nil
}

// simulated is a customer made of dice.
type simulated struct {
	rnd      *rand.Rand
	lang     string
	patience float64 // 0 none .. 1 endless
}

func (c *simulated) line(want string) string {
	lines := customers()[c.lang][want]
	if len(lines) == 0 {
		return ""
	}
	return lines[c.rnd.IntN(len(lines))]
}

// next decides what the customer does after a reply.
func (c *simulated) next(e bot.Entry) string {
	x := c.rnd.Float64()
	hasChoice := strings.Contains(fmt.Sprint(e.Plan.Options), bot.ChoiceHuman)
	switch {
	case x < .06:
		return "noise"
	case x < .08:
		return "abuse"
	case hasChoice && x < .2:
		return "press"
	case x < .14:
		return "human"
	case e.Plan.Ask != "" && x < .6:
		return "give"
	case e.Plan.Handoff.Level == "now" && x < .5:
		return "ease"
	case e.Plan.Close:
		return "thanks"
	case x < .3+.35*c.patience:
		return []string{"ease", "thanks", "same"}[c.rnd.IntN(3)]
	case x < .93:
		return []string{"worse", "same"}[c.rnd.IntN(2)]
	}
	return "quit"
}

// watch holds the rules of care model 3.7 to 3.9 over one conversation.
type watch struct {
	openers   map[string]bool
	apologies int
	lastSorry bool
	waiting   bool
}

func (w *watch) check(m bot.Message, e bot.Entry) error {
	fresh := e.Reading.Has("new_grievance")
	defer func() {
		w.lastSorry = e.Plan.Apology > 0
		w.waiting = e.Session.Waiting()
	}()
	switch {
	case len(e.Reply.Parts) == 0 || strings.TrimSpace(e.Reply.Text()) == "":
		return fmt.Errorf("an empty reply")
	case e.Plan.Forward == "":
		return fmt.Errorf("a reply without a forward act: %s", e.Reply.Text())
	case e.Plan.Apology > 0 && w.lastSorry && !fresh:
		return fmt.Errorf("apology in two replies in a row")
	case (m.Choice == bot.ChoiceHuman || e.Case.Asked("human")) && !e.Session.Waiting():
		return fmt.Errorf("a wish for a person was not honoured")
	case e.Session.Mood.Futile >= 3 && !e.Session.Waiting():
		return fmt.Errorf("stuck for %d replies and no person called", e.Session.Mood.Futile)
	case strings.ContainsAny(e.Reply.Text(), "{}"):
		return fmt.Errorf("a hole in the text: %s", e.Reply.Text())
	}
	if e.Plan.Apology > 0 {
		w.apologies++
	}
	if e.Plan.Close {
		w.apologies = 0
	}
	if w.apologies > 2 && !fresh {
		return fmt.Errorf("%d apologies before anything is solved", w.apologies)
	}
	for _, p := range e.Reply.Parts {
		if p.Stage != "acknowledge" {
			continue
		}
		if w.openers[p.Text] {
			return fmt.Errorf("the same opener again: %s", p.Text)
		}
		if w.openers == nil {
			w.openers = make(map[string]bool)
		}
		w.openers[p.Text] = true
	}
	return nil
}
