package solve

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// stale is the silence after which what was looked up is looked up again.
const stale = 2 * time.Hour

// sureSwitch is how sure a match must be to leave a flow that is under way for
// another one.
const sureSwitch = .7

// ownWords is how alike a question is to the sentences of its flow when it needs
// no answer of its own: "so when does it come?" is what is being looked up.
const ownWords = .4

// A Solver leads customers through the flows of a book. It is a flows.Solver.
type Solver struct {
	Book   *Book
	Lookup flows.Lookup
	Zone   *time.Location // of the brand; nil means UTC
	// Vouches lists the channels that know a customer by the name the brand
	// itself has given and proven.
	Vouches []string
}

// Solve returns the next move for this turn; see flows.Solver.
func (s *Solver) Solve(ctx context.Context, t *bot.Turn) (flows.Progress, error) {
	in := s.input(t)
	j := t.Session.Journey
	j.Slots = maps.Clone(j.Slots)
	before := j
	if in.Result == nil {
		j = s.begin(j, in, t)
	}
	if j.Flow == "" || j.Done {
		return flows.Progress{}, nil
	}
	p, err := s.run(ctx, j, in, t)
	if err != nil || !p.Off || in.Result != nil {
		return p, err
	}
	p.Own = s.Book.likeOwn(j.Flow, in) || j.Order != "" && means(in.Text, "result")
	// Not what was asked for: is it another problem that a flow knows?
	f, score := s.Book.Match(in, t.Case.Event != t.Session.Case.Event)
	if f == nil || f.name == j.Flow || score < sureSwitch || in.Plain || j.Order != "" {
		return p, nil
	}
	return s.run(ctx, start(f, before, in, t.Session.Case.Given), in, t)
}

// likeOwn reports whether the message is like the sentences of its flow.
func (b *Book) likeOwn(flow string, in Input) bool {
	f := b.Flow(flow)
	yes, no := b.match.alike(clip(in.Text))
	return yes[f] >= ownWords && yes[f] > no[f]
}

// Answered reports whether the message answers what a flow has asked; see
// flows.Solver.
func (s *Solver) Answered(t *bot.Turn) bool {
	j := t.Session.Journey
	if f := s.Book.Flow(j.Flow); f == nil || j.Done || j.Step == "" || j.Order != "" {
		return false
	}
	m := s.Book.Next(j, s.input(t))
	return !m.Off && !m.Dropped
}

// begin decides which flow leads: the one under way, one that was corrected
// after its end, or one that this message calls for.
func (s *Solver) begin(j bot.Journey, in Input, t *bot.Turn) bot.Journey {
	f := s.Book.Flow(j.Flow)
	if f != nil && !j.Done {
		if t.Message.Time.Sub(t.Session.Updated) > stale && j.Order == "" {
			j.Facts, j.Step = nil, ""
		}
		return j
	}
	if f != nil && corrects(f, j, in) {
		j.Done, j.Facts, j.Step = false, nil, ""
		return j
	}
	fresh := t.Case.Event != t.Session.Case.Event || t.Session.Turns == 0 || f == nil && s.Book.given(in)
	found, score := s.Book.Match(in, fresh)
	if last := t.Session.Last(); found == nil && f == nil && last != nil && s.Book.given(in) {
		about := in // a number and no more: it belongs to what we were talking of
		about.Text = strings.TrimSpace(last.Topic + " " + t.Case.Noun + " " + in.Text)
		found, score = s.Book.Match(about, fresh)
	}
	if found == nil || f == found && score < sureSwitch {
		return bot.Journey{}
	}
	return start(found, j, in, t.Session.Case.Given)
}

// given reports that the message names a code that a flow asks for: whoever gives
// one unasked wants it looked up.
func (b *Book) given(in Input) bool {
	for _, f := range b.Flows {
		for name, slot := range f.Know {
			if slot.Type == "code" && slot.value(name, in, false, "") != "" && in.Context[name] == "" {
				return true
			}
		}
	}
	return false
}

// start is the journey of a new flow, with what the customer has told before.
func start(f *Flow, before bot.Journey, in Input, told []bot.Fact) bot.Journey {
	j := bot.Journey{Flow: f.name, Asked: maps.Clone(before.Asked), Tries: before.Tries, Slots: make(map[string]string)}
	for name, slot := range f.Know {
		if v := before.Slots[name]; v != "" && !(slot.Type == "code" && means(in.Text, "other")) && slot.Type != "text" {
			j.Slots[name] = v
		} else if v := slot.told(name, told); v != "" && !means(in.Text, "other") {
			j.Slots[name] = v
		}
	}
	for _, step := range f.Steps {
		delete(j.Asked, step.Step) // a question of this flow begins anew
	}
	return j
}

// corrects reports that the message names another code than the flow that has
// just ended was about.
func corrects(f *Flow, j bot.Journey, in Input) bool {
	for name, s := range f.Know {
		held := j.Slots[name]
		if s.Type != "code" || held == "" {
			continue
		}
		if v := s.value(name, in, false, held); v != "" && v != held {
			return true
		}
	}
	return false
}

// run carries moves out, looking up what they need, until one is for the
// customer.
func (s *Solver) run(ctx context.Context, j bot.Journey, in Input, t *bot.Turn) (flows.Progress, error) {
	p := flows.Progress{Flow: j.Flow}
	for range hopsMax {
		m := s.Book.Next(j, in)
		if m.LookUp == "" {
			return s.progress(p, m, t)
		}
		p.Say = joinSaid(p.Say, m.Say)
		in.Taken, in.Result = true, nil
		j = s.fetch(ctx, m, in.Customer)
		if c := s.Book.card(j, in, m.LookUp); c != nil {
			p.Cards = append(p.Cards, *c)
		}
	}
	return s.progress(p, Move{Journey: j, Person: "broken", Moment: "flow.unreachable", Why: "the flow looks things up without end"}, t)
}

// fetch asks the brand's system. What goes wrong there is a fact, too: that
// nothing is known.
func (s *Solver) fetch(ctx context.Context, m Move, customer string) bot.Journey {
	if s.Lookup == nil {
		return Found(m.Journey, m.LookUp, "failed", nil)
	}
	if customer != "" {
		m.Args[argCustomer] = customer
	}
	facts, err := s.Lookup.Lookup(ctx, m.LookUp, m.Args)
	switch {
	case errors.Is(err, flows.ErrNone):
		return Found(m.Journey, m.LookUp, "none", nil)
	case err != nil:
		j := Found(m.Journey, m.LookUp, "failed", nil)
		j.Facts = append(j.Facts, bot.Fact{Name: m.LookUp + "!", Value: clip(err.Error()), Source: "lookup"})
		return j
	}
	return Found(m.Journey, m.LookUp, "ok", facts)
}

// progress turns the last move into what the guide stage needs.
func (s *Solver) progress(p flows.Progress, m Move, t *bot.Turn) (flows.Progress, error) {
	p.Journey, p.Step = m.Journey, m.Journey.Step
	p.Say = joinSaid(p.Say, m.Say)
	p.Moment, p.Question, p.Ask, p.Choices, p.Form = m.Moment, m.Question, m.Ask, m.Choices, m.Form
	p.Off, p.Dropped, p.Solved, p.Person, p.Why = m.Off, m.Dropped, m.Solved, m.Person, m.Why
	if i := slices.IndexFunc(m.Journey.Facts, func(f bot.Fact) bool { return strings.HasSuffix(f.Name, "!") }); i >= 0 && m.Person != "" {
		p.Why += ": " + m.Journey.Facts[i].Value
	}
	if m.Order != nil {
		r, err := errand(m.Order, s.customer(t), t)
		if err != nil {
			return flows.Progress{}, err
		}
		p.Orders = append(p.Orders, r)
	}
	return p, nil
}

// joinSaid puts what several moves say together, a line each.
func joinSaid(said string, more []string) string {
	for _, line := range more {
		if said != "" && line != "" {
			said += "\n"
		}
		said += line
	}
	return said
}

// input is what the turn brings.
func (s *Solver) input(t *bot.Turn) Input {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.Message.Time.In(zone).Date()
	in := Input{
		ID: t.Reply.ID, Text: t.Message.Text, Choice: t.Message.Choice, Lang: t.Reply.Lang, Register: t.Plan.Register,
		Channel: t.Message.From.Channel, Event: t.Case.Event, Asks: t.Case.Asks, Questions: len(t.Case.Questions),
		Forms: t.Message.Forms, Form: t.Message.Form, Values: t.Message.Values,
		Plain: plainly(t), Given: given(t.Case, t.Session.Case), Context: t.Message.Context,
		Today: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Customer: s.customer(t),
	}
	for _, b := range t.Burst {
		if b.Event == bot.EventAction && b.Context["order"] == t.Session.Journey.Order {
			in.Result = &Result{Order: b.Context["order"], Outcome: b.Context["outcome"]}
			for _, k := range sortedKeys(b.Context) {
				if name, ok := strings.CutPrefix(k, "fact."); ok {
					in.Result.Facts = append(in.Result.Facts, bot.Fact{Name: name, Value: b.Context[k]})
				}
			}
		}
	}
	return in
}

// customer returns who writes, by the name the brand has proven on a channel
// that vouches, here or where they linked this conversation to; "" when nobody
// vouches for it.
func (s *Solver) customer(t *bot.Turn) string {
	if slices.Contains(s.Vouches, t.Message.From.Channel) {
		return t.Message.User
	}
	for _, channel := range s.Vouches {
		if t.Customer == nil {
			break
		}
		if name := t.Customer.NameOn(channel); name != "" {
			return name
		}
	}
	return ""
}

// plainly reports a message that asks and tells of no trouble.
func plainly(t *bot.Turn) bool {
	return len(t.Case.Questions) > 0 && (t.Case.Event == "" || t.Case.Event == "question" || t.Plan.Questions == 0)
}
