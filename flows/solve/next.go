package solve

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// What a journey may hold, so that a session stays small.
const (
	factsMax = 48
	hopsMax  = 64 // steps in one move; a checked flow never comes near
	askedMax = 3  // how often one thing is asked for before a person is called
)

// Input is what one message brings.
type Input struct {
	ID             string            // of the reply; names what is ordered
	Text, Choice   string            // what they wrote, or the button they pressed
	Lang, Register string            // of the reply
	Channel        string            // where they write
	Event          string            // what happened, as the appraisal hears it
	Asks           []string          // what they ask for
	Questions      int               // how many questions the message holds
	Plain          bool              // nothing hurts: they simply ask
	Given          []bot.Fact        // facts told in this message
	Context        map[string]string // what the brand's page knows
	Customer       string            // who they are at the brand, "" when nobody vouches for that
	Today          time.Time         // the day of the message, in the brand's time zone
	Forms          bool              // where they write, a form can be shown
	Form           string            // the form they filled in
	Values         map[string]string // what they filled in
	Result         *Result           // of an action, in place of a message
	Taken          bool              // the message has been taken already: only go on
}

// A Result is what came of an action.
type Result struct {
	Order   string // the order's ID
	Outcome string // done, refused or failed
	Facts   []bot.Fact
}

// An Order tells the brand's system to do something.
type Order struct {
	ID     string
	Action string
	Args   map[string]string
	Amount float64
}

// A Move is the next move of a flow.
type Move struct {
	Journey  bot.Journey       // after the move
	Say      []string          // in order
	Moment   string            // words of the brand's writer, after Say
	Question string            // the one question
	Ask      string            // what it is for
	Choices  []bot.Choice      // answers to pick
	Form     *bot.Card         // asks for it and more at once
	LookUp   string            // look this up with Args, add the facts to the journey and call Next again
	Args     map[string]string // its arguments
	Order    *Order            // what is to be done at the brand
	Person   string            // why a person is needed
	Off      bool              // the message did not answer what was asked
	Dropped  bool              // they want to leave it
	Solved   bool
	Why      string
}

// Next returns the next move of the journey's flow. It is a pure function: the
// same book, journey and input give the same move, and j is not changed. A
// journey without a flow, or one that is done, stays as it is.
func (b *Book) Next(j bot.Journey, in Input) Move {
	f := b.Flow(j.Flow)
	if f == nil || j.Done {
		return Move{Journey: j}
	}
	j.Slots, j.Facts = maps.Clone(j.Slots), slices.Clone(j.Facts)
	if j.Slots == nil {
		j.Slots = make(map[string]string)
	}
	r := &run{book: b, flow: f, j: j, in: in}
	r.move()
	r.m.Journey = r.j
	return r.m
}

// A run is one move in the making.
type run struct {
	book *Book
	flow *Flow
	j    bot.Journey
	in   Input
	m    Move
	// what was filled in and could not be read, by slot
	unread map[string]string
}

func (r *run) move() {
	step := r.flow.index[r.j.Step]
	switch {
	case r.in.Result != nil:
		r.result(step)
	case r.in.Taken:
		r.proceed(r.flow.index[r.j.Step])
	case step == nil: // the flow begins
		r.take(r.flow.Steps[0])
		r.proceed(r.flow.Steps[0])
	case r.j.Order != "":
		r.m.Off, r.m.Moment, r.m.Why = true, "flow.underway", "the action is under way"
	default:
		r.heard(step)
	}
}

// heard goes on with what the customer says to the step that waits.
func (r *run) heard(step *Step) {
	awaited := r.missing(step)
	if r.filled(step) {
		if r.takeForm(step); r.missing(step) != "" {
			r.ask(step, r.missing(step))
			return
		}
		r.proceed(step)
		return
	}
	if corrected := r.take(step); corrected != "" {
		r.restart(corrected)
		r.proceed(r.flow.Steps[0])
		return
	}
	switch {
	case step.Choose != nil:
		r.chosen(step)
	case step.Do != nil:
		r.confirmed(step)
	case awaited != "" && r.missing(step) == awaited:
		r.off(step, awaited)
	default:
		r.proceed(step)
	}
}

// take keeps what the message tells. It returns the slot that was known
// otherwise before, if one was corrected. Of several slots that a form asked
// for, codes are known by their look and the others come one at a time.
func (r *run) take(step *Step) (corrected string) {
	r.takeProof()
	wanted := r.wanted(step)
	proof := r.proof(wanted)
	for _, name := range sortedKeys(r.flow.Know) {
		s, held := r.flow.Know[name], r.j.Slots[name]
		at := slices.Index(wanted, name)
		if at != 0 && r.book.proves(name) {
			continue // any four digits look like the end of a phone number
		}
		if held != "" && s.Type != "code" && !means(r.in.Text, "no") {
			continue // only a code corrects itself; anything else needs a "no, …"
		}
		v := s.value(name, r.in, at == 0 || at > 0 && r.in.Forms && s.Type == "code", held)
		if v == "" || v == held || v == proof && at != 0 {
			continue
		}
		if held != "" {
			corrected = name
		}
		r.j.Slots[name] = v
	}
	return corrected
}

// restart goes back to the beginning with what is known from the customer, and
// forgets what rested on the slot that was corrected.
func (r *run) restart(slot string) {
	r.j.Step, r.j.Facts = "", nil
	for _, s := range r.flow.Steps {
		if s.Choose != nil {
			delete(r.j.Slots, s.Step)
		}
	}
	r.m.Why = slot + " was corrected"
}

// proceed takes steps until something must be asked, looked up or done, or the
// flow ends.
func (r *run) proceed(s *Step) {
	for range hopsMax {
		if s == nil {
			break
		}
		r.j.Step = s.Step
		next, waits := r.act(s)
		if waits {
			return
		}
		if next == "" {
			next = r.branch(s)
		}
		if next == "" {
			r.end(s)
			return
		}
		s = r.flow.index[next]
	}
	r.person("broken", "flow.unreachable", "the flow did not come to an end")
}

// act does what one step does. waits says that the move ends here; next, if not
// "", is where the step itself leads.
func (r *run) act(s *Step) (next string, waits bool) {
	if slot := r.missing(s); slot != "" {
		r.ask(s, slot)
		return "", true
	}
	if s.LookUp != "" {
		switch r.fact(s.LookUp) {
		case "":
			r.m.LookUp, r.m.Args = s.LookUp, r.args(r.book.Office.LookUps[s.LookUp])
			return "", true
		case "none":
			if r.disproved(s.LookUp) {
				return "", true
			}
			return s.None, false
		case "failed":
			r.person("lookup", "flow.unreachable", s.LookUp+" could not be looked up")
			return "", true
		}
	}
	if s.Say != nil && !r.say(s.Say) {
		return "", true
	}
	if s.Forget != "" {
		r.forget(s.Forget)
	}
	switch {
	case s.Choose != nil:
		r.offer(s, 0)
		return "", true
	case s.Do != nil:
		r.propose(s, 0)
		return "", true
	}
	return "", false
}

// branch is where a step leads.
func (r *run) branch(s *Step) string {
	env := r.env()
	for _, b := range s.Then {
		if b.holds.holds(env) {
			return b.Go
		}
	}
	return s.Go
}

func (r *run) end(s *Step) {
	r.j.Done = true
	if s.End == "person" {
		r.m.Person, r.m.Why = "flow", "the flow gives it to a person at "+s.Step
		return
	}
	r.m.Solved = true
}

// person ends the flow honestly with a person.
func (r *run) person(reason, moment, why string) {
	r.j.Done = true
	r.m.Person, r.m.Moment, r.m.Why = reason, moment, why
	r.m.Question, r.m.Ask, r.m.Choices, r.m.Form = "", "", nil, nil
}

// say adds a text; false means that something in it is not known, which ends
// the flow: a hole is never said.
func (r *run) say(t Text) bool {
	text, ok := r.fill(t, 0)
	if !ok {
		r.person("lookup", "flow.unreachable", "a fact that a text needs is missing")
		return false
	}
	r.m.Say = append(r.m.Say, text)
	return true
}

func (r *run) text(t Text, n int) string {
	text, _ := r.fill(t, n)
	return text
}

// fact is the value of a looked-up fact, "" when there is none.
func (r *run) fact(name string) string {
	for _, f := range r.j.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// args are the arguments of a call.
func (r *run) args(c *Call) map[string]string {
	args := map[string]string{argLang: r.in.Lang}
	for _, name := range slices.Concat(c.With, c.Proof) {
		v := r.j.Slots[name]
		if v == "" {
			v = r.fact(name)
		}
		args[name[strings.LastIndexByte(name, '.')+1:]] = v
	}
	return args
}

// Found is the journey with the outcome of a look-up: its facts, or none, or
// failed when nothing is known.
func Found(j bot.Journey, name, outcome string, facts []bot.Fact) bot.Journey {
	j.Facts = slices.DeleteFunc(slices.Clone(j.Facts), func(f bot.Fact) bool {
		return f.Name == name || strings.HasPrefix(f.Name, name+".")
	})
	j.Facts = append(j.Facts, bot.Fact{Name: name, Value: outcome, Source: "lookup"})
	for _, f := range facts {
		if len(j.Facts) < factsMax {
			j.Facts = append(j.Facts, bot.Fact{Name: name + "." + f.Name, Value: clip(f.Value), Source: "lookup"})
		}
	}
	return j
}
