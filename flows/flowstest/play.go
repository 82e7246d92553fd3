package flowstest

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"path"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Fault is one thing that was not as the talk says.
type Fault struct {
	Line int    // in the talk file
	Want string // what the talk says
	Got  string // what happened
}

// A Result is what came of playing a talk.
type Result struct {
	Talk    *Talk
	Entries []bot.Entry // one for each exchange
	Faults  []Fault
}

// Play holds the conversation with the flow and reports what differs. Each
// talk is a conversation of its own, in memory, with the talk's clock. Orders go
// to the channel that they are addressed to, when the talk says so.
func Play(ctx context.Context, t *Talk, flow bot.Flow, rescue bot.Stage, does ...bot.Channel) (*Result, error) {
	now := t.Time
	ledger := &bot.Memory{Now: func() time.Time { return now }}
	engine := &bot.Engine{Flow: flow, Rescue: rescue, Now: func() time.Time { return now }}
	at := bot.Address{Channel: "talk", Thread: t.Name}
	res := &Result{Talk: t}
	for i, e := range t.Turns {
		now = now.Add(max(e.Wait, time.Minute))
		if e.Result {
			if err := carryOut(ctx, ledger, does, now); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", t.Name, e.Line, err)
			}
		}
		if len(e.Said) == 0 && !e.Result {
			continue
		}
		for j, text := range e.Said {
			m := bot.Message{ID: fmt.Sprintf("%d.%d", i, j), From: at, User: t.User, Text: text, Lang: t.Lang, Choice: e.Choice, Context: t.Context, Time: now}
			if j == len(e.Said)-1 {
				for _, name := range e.Files {
					m.Files = append(m.Files, bot.File{Name: name, Type: mime.TypeByExtension(path.Ext(name))})
				}
			}
			if err := ledger.Receive(ctx, bot.Clean(m, now)); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", t.Name, e.Line, err)
			}
		}
		w, err := ledger.Claim(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", t.Name, e.Line, err)
		}
		engine.Answer(ctx, w)
		if err := ledger.Commit(ctx, w); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", t.Name, e.Line, err)
		}
		if w.Entry.Failure != "" {
			return nil, fmt.Errorf("%s:%d: %w", t.Name, e.Line, errors.New(w.Entry.Failure))
		}
		res.Entries = append(res.Entries, w.Entry)
		res.Faults = append(res.Faults, check(e, w.Entry)...)
	}
	return res, nil
}

// carryOut lets the channels do what was ordered and bring the results back.
func carryOut(ctx context.Context, ledger *bot.Memory, does []bot.Channel, now time.Time) error {
	done := 0
	for _, c := range does {
		err := c.Listen(ctx, func(ctx context.Context, m bot.Message) error { return ledger.Receive(ctx, bot.Clean(m, now)) })
		if err != nil {
			return err
		}
		for {
			d, err := ledger.Next(ctx, c.Name())
			if errors.Is(err, bot.ErrIdle) {
				break
			}
			if err != nil {
				return err
			}
			if err := c.Send(ctx, d.Reply); err != nil {
				return fmt.Errorf("order %s: %w", d.Reply.ID, err)
			}
			if err := ledger.Done(ctx, d); err != nil {
				return err
			}
			done++
		}
	}
	if done == 0 {
		return errors.New("nothing was ordered: put the line after the customer has said yes")
	}
	return nil
}

// check compares one exchange with what happened.
func check(e Exchange, got bot.Entry) []Fault {
	var faults []Fault
	for _, x := range e.Expect {
		if ok, heard := meets(x.Text, got); !ok {
			faults = append(faults, Fault{x.Line, x.Text, heard})
		}
	}
	said := make(map[string][]string)
	for _, p := range got.Reply.Parts {
		said[p.Stage] = append(said[p.Stage], p.Text)
	}
	for _, want := range e.Replies {
		texts := said[want.Stage]
		if len(texts) == 0 {
			faults = append(faults, Fault{want.Line, want.Stage + ": " + want.Text, "(" + want.Stage + " said nothing)"})
			continue
		}
		if !matches(want.Text, oneLine(texts[0])) {
			faults = append(faults, Fault{want.Line, want.Stage + ": " + want.Text, want.Stage + ": " + oneLine(texts[0])})
		}
		said[want.Stage] = texts[1:]
	}
	for _, never := range e.Never {
		if never.Text != "" && strings.Contains(got.Reply.Text(), never.Text) {
			faults = append(faults, Fault{never.Line, "not: " + never.Text, oneLine(got.Reply.Text())})
		}
	}
	return faults
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

// matches reports whether text has the pieces of the pattern in order; "…"
// stands for anything, and a pattern without it is the whole text.
func matches(pattern, text string) bool {
	pieces := strings.Split(pattern, "…")
	if len(pieces) == 1 {
		return strings.TrimSpace(pattern) == strings.TrimSpace(text)
	}
	for i, p := range pieces {
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		at := strings.Index(text, p)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		text = text[at+len(p):]
	}
	last := strings.TrimSpace(pieces[len(pieces)-1])
	return last == "" || strings.TrimSpace(text) == ""
}

// meets reports whether an expectation holds and what was there instead.
func meets(want string, e bot.Entry) (bool, string) {
	key, rest, _ := strings.Cut(want, " ")
	rest = strings.TrimSpace(rest)
	plan, s := e.Plan, e.Session
	is := func(got string) (bool, string) { return got == rest, key + " " + got }
	switch key {
	case "apology":
		return within(rest, plan.Apology), fmt.Sprintf("apology %d", plan.Apology)
	case "case:":
		return hasAll(rest, e.Case)
	case "risk":
		return is(e.Reading.Risk.String())
	case "hand-off":
		return is(plan.Handoff.Level)
	case "forward":
		return is(plan.Forward)
	case "flow":
		return is(strings.TrimSpace(s.Journey.Flow + " " + s.Journey.Step))
	case "priority":
		return is(plan.Priority.Tier)
	case "persona":
		return is(plan.Persona)
	case "tone":
		return is(plan.Tone)
	case "trajectory":
		return is(s.Mood.Trajectory)
	case "owner":
		return is(s.Owner)
	case "ask":
		return is(plan.Ask)
	case "safety":
		return is(plan.Safety)
	case "calm":
		return s.Mood.Calm, fmt.Sprintf("not calm (%s)", s.Mood.Trajectory)
	case "close":
		return plan.Close, "not closed (forward " + plan.Forward + ")"
	case "humour":
		return plan.Humour, "no humour"
	case "flag":
		return e.Reading.Has(rest), "flags " + strings.Join(e.Reading.Flags, ", ")
	case "source":
		var ids []string
		for _, p := range e.Passages {
			ids = append(ids, p.ID)
		}
		return strings.Contains(strings.Join(ids, " "), rest), "sources " + strings.Join(ids, " ")
	case "no":
		return lacks(rest, e)
	}
	return feels(key, rest, e.Reading)
}

// lacks checks "no apology", "no source", "no hand-off", "no question".
func lacks(what string, e bot.Entry) (bool, string) {
	switch what {
	case "apology":
		return e.Plan.Apology == 0, fmt.Sprintf("apology %d", e.Plan.Apology)
	case "source":
		return len(e.Passages) == 0, fmt.Sprintf("%d sources", len(e.Passages))
	case "hand-off":
		return e.Plan.Handoff.Level == "none", "hand-off " + e.Plan.Handoff.Level
	case "question":
		return !strings.Contains(e.Reply.Text(), "?"), "a question: " + oneLine(e.Reply.Text())
	}
	return false, "no " + what + " is not something a talk can check"
}

// within checks "3", "2-4" or "≤ 2".
func within(want string, got int) bool {
	var low, high int
	if n, _ := fmt.Sscanf(want, "%d-%d", &low, &high); n == 2 {
		return low <= got && got <= high
	}
	if n, _ := fmt.Sscanf(want, "≤ %d", &high); n == 1 {
		return got <= high
	}
	n, _ := fmt.Sscanf(want, "%d", &low)
	return n == 1 && got == low
}

// hasAll checks that the case names every listed event, agency, stake or ask.
func hasAll(list string, c bot.Case) (bool, string) {
	has := []string{c.Event, c.Agency, c.Fairness}
	for _, s := range c.Stakes {
		has = append(has, s.Kind)
	}
	has = append(has, c.Asks...)
	all := " " + strings.Join(has, " ") + " "
	for item := range strings.SplitSeq(list, ",") {
		if !strings.Contains(all, " "+strings.TrimSpace(item)+" ") {
			return false, "case: " + strings.Join(has, ", ")
		}
	}
	return true, ""
}

// feels checks "anger", "anger high" or "positive": the emotion is the
// strongest or the second, in the band if one is named.
func feels(emotion, band string, r bot.Reading) (bool, string) {
	bands := map[string]string{"low": "L", "mid": "M", "high": "H", "": ""}
	heard := fmt.Sprintf("%s %.2f", r.Top(), r.Intensity)
	ok := r.Top() == emotion || len(r.Emotions) > 1 && r.Emotions[1].Name == emotion
	want, known := bands[band]
	if !known {
		return false, heard + " (" + band + " is not low, mid or high)"
	}
	got := "M"
	if r.Intensity < .35 {
		got = "L"
	} else if r.Intensity >= .65 {
		got = "H"
	}
	return ok && (want == "" || want == got), heard
}
