package solve

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// offer asks which way to go, the n-th time.
func (r *run) offer(s *Step, n int) {
	text, ok := r.fill(s.Choose.Ask, n)
	options := r.open(s)
	if !ok || len(options) == 0 {
		r.person("lookup", "flow.unreachable", "nothing can be chosen at "+s.Step)
		return
	}
	r.m.Question, r.m.Ask = text, s.Step
	for _, o := range options {
		r.m.Choices = append(r.m.Choices, bot.Choice{ID: s.Step + "." + o.Name, Label: r.text(o.Label, 0), Note: r.text(o.Note, 0)})
	}
}

// open lists the options that may be chosen now.
func (r *run) open(s *Step) []Option {
	env := r.env()
	var out []Option
	for _, o := range s.Choose.Options {
		if o.holds.holds(env) {
			out = append(out, o)
		}
	}
	return out
}

// picked finds the one option that the message means, "" when none or several.
func (r *run) picked(s *Step) *Option {
	var hit *Option
	options := r.open(s)
	for i := range options {
		o := &options[i]
		if r.in.Choice == s.Step+"."+o.Name {
			return o
		}
		if o.meant(r.in.Text) {
			if hit != nil {
				return nil
			}
			hit = o
		}
	}
	if hit == nil && !asks(r.in.Text) && means(r.in.Text, "works") && !means(r.in.Text, "fails") {
		i := slices.IndexFunc(options, func(o Option) bool {
			step := r.flow.index[o.Go]
			return step != nil && step.End == "solved"
		})
		if i >= 0 {
			return &options[i] // "I'm in, thank you!": in whatever words, it is solved
		}
	}
	return hit
}

// meant reports whether the text says the option, and does not ask about it.
func (o *Option) meant(text string) bool {
	if asks(text) || negated(text) {
		return false
	}
	for _, l := range sortedKeys(o.Says) {
		if says(text, o.Says[l]) {
			return true
		}
	}
	for _, l := range sortedKeys(o.Label) {
		if plain(text) == plain(strings.Join(o.Label[l][:1], "")) {
			return true
		}
	}
	return false
}

// negated reports words that turn a choice round: "취소하지 마세요".
func negated(text string) bool {
	return says(text, []string{"하지 마", "하지마", "하지 말", "안 할", "don't", "do not", "dont"})
}

// chosen goes the way that was chosen.
func (r *run) chosen(s *Step) {
	o := r.picked(s)
	switch {
	case o != nil:
		r.j.Slots[s.Step] = o.Name
		r.proceed(r.flow.index[o.Go])
	case means(r.in.Text, "drop"):
		r.drop()
	default:
		r.m.Off = true
		r.again(s)
	}
}

// again asks a choice or a proposal once more, in other words.
func (r *run) again(s *Step) {
	n := r.j.Asked[s.Step]
	if n >= askedMax {
		r.person("stuck", "", s.Step+" was asked "+decimal(float64(n))+" times")
		return
	}
	if s.Choose != nil {
		r.offer(s, n)
		return
	}
	r.propose(s, n)
}

// confirmed does what was proposed when the customer clearly says yes, and
// nothing when the answer can be read in two ways.
func (r *run) confirmed(s *Step) {
	clear := !asks(r.in.Text) && !means(r.in.Text, "unsure")
	yes := clear && (begins(r.in.Text, "yes") || s.Do.agreed(r.in.Text))
	no := clear && means(r.in.Text, "no")
	choice, other := r.turned(s)
	switch {
	case r.in.Choice == s.Step+".yes":
		r.order(s)
	case r.in.Choice == s.Step+".no":
		r.proceed(r.flow.index[s.Do.No])
	case other != nil: // a change of mind: the way that was offered beside this one
		r.j.Slots[choice.Step] = other.Name
		r.proceed(r.flow.index[other.Go])
	case yes && !no:
		r.order(s)
	case no && !yes:
		r.proceed(r.flow.index[s.Do.No])
	default:
		r.m.Off = true
		r.again(s)
	}
}

// agreed reports the action's own words of consent: "취소해 주세요" to a proposal
// to cancel. They are the flow's, because to another proposal they mean no.
func (d *Do) agreed(text string) bool {
	for _, l := range sortedKeys(d.Yes) {
		if slices.ContainsFunc(d.Yes[l], func(p string) bool { return strings.HasPrefix(" "+plain(text)+" ", sought(p)) }) {
			return true
		}
	}
	return false
}

// turned finds an option of an earlier choice that the customer now names
// instead of answering the proposal.
func (r *run) turned(at *Step) (*Step, *Option) {
	for _, s := range r.flow.Steps {
		if s.Choose == nil || r.j.Slots[s.Step] == "" {
			continue
		}
		if o := r.picked(s); o != nil && o.Name != r.j.Slots[s.Step] && o.Go != at.Step {
			return s, o
		}
	}
	return nil, nil
}

// propose says what would be done and asks for a yes, if the brand allows the
// bot that much; else a person decides.
func (r *run) propose(s *Step, n int) {
	if !r.allowed(s) {
		return
	}
	text, ok := r.fill(s.Do.Confirm, n)
	if !ok {
		r.person("lookup", "flow.unreachable", "a fact that the proposal needs is missing")
		return
	}
	r.m.Question, r.m.Ask = text, s.Step
	r.m.Choices = []bot.Choice{
		{ID: s.Step + ".yes", Label: buttons()[r.in.Lang]["yes"]},
		{ID: s.Step + ".no", Label: buttons()[r.in.Lang]["no"]},
	}
}

// allowed checks the amount against what brand.yaml lets the bot do.
func (r *run) allowed(s *Step) bool {
	amount, ok := r.amount(s)
	limit, listed := r.book.Limits[s.Do.Action]
	switch {
	case !ok:
		r.person("lookup", "flow.unreachable", "the amount of "+s.Do.Action+" is not known")
	case !listed || amount > limit:
		r.person("limit", "flow.limit", s.Do.Action+" of "+decimal(amount)+" is above the limit of "+decimal(limit)+": a person decides")
	default:
		return true
	}
	return false
}

func (r *run) amount(s *Step) (float64, bool) {
	out, err := s.Do.amount.run(r.env())
	v, ok := out.(float64)
	return v, err == nil && ok && v >= 0
}

// order orders what was proposed, under a name that depends on the message
// alone: thinking twice orders once.
func (r *run) order(s *Step) {
	if !r.allowed(s) { // the facts may have changed since it was proposed
		return
	}
	amount, _ := r.amount(s)
	o := &Order{ID: "do:" + r.in.ID, Action: s.Do.Action, Args: r.args(r.book.Office.Actions[s.Do.Action]), Amount: amount}
	o.Args["amount"] = decimal(amount)
	r.j.Order, r.m.Order = o.ID, o
	r.m.Say = append(r.m.Say, r.text(s.Do.Doing, 0))
	r.m.Why = "they said yes to " + s.Do.Action + ", and " + decimal(amount) + " is within the limit"
}

// result goes on with what came of an action. One that was not waited for
// changes nothing.
func (r *run) result(s *Step) {
	res := r.in.Result
	if s == nil || s.Do == nil || r.j.Order == "" || res.Order != r.j.Order {
		return
	}
	r.j.Order = ""
	r.j = Found(r.j, s.Do.Action, res.Outcome, res.Facts)
	switch res.Outcome {
	case "done":
		r.proceed(r.flow.index[s.Go])
	case "refused":
		r.person("refused", "flow.refused", "the brand's system refused "+s.Do.Action)
	default:
		r.person("action", "flow.failed", "what came of "+s.Do.Action+" is not known")
	}
	r.m.Choices = slices.Clip(r.m.Choices)
}
