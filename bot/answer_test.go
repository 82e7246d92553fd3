package bot_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// answer runs one turn on a message outside any engine.
func answer(t *testing.T, e *bot.Engine, attempt int, texts ...string) *bot.Work {
	t.Helper()
	w := &bot.Work{Address: bot.Address{Channel: "line", Thread: "x"}, Attempt: attempt, Session: bot.Session{Owner: bot.OwnerBot}}
	for i, text := range texts {
		w.Messages = append(w.Messages, bot.Message{ID: fmt.Sprint("m", i+1), From: w.Address, Text: text, Time: time.Unix(int64(1000+i), 0)})
	}
	e.Answer(t.Context(), w)
	return w
}

func TestAnswer(t *testing.T) {
	var clock time.Time
	e := &bot.Engine{Now: func() time.Time { clock = clock.Add(time.Millisecond); return clock }, Flow: bot.Flow{
		{Name: "one", Run: func(_ context.Context, t *bot.Turn) error { t.After.Used = []string{"p"}; return nil }},
		{Name: "two", Run: echo},
		{Name: "three", Run: func(context.Context, *bot.Turn) error { return fmt.Errorf("enough: %w", bot.SkipRest) }},
		{Name: "four", Run: func(context.Context, *bot.Turn) error { return errors.New("not reached") }},
	}}
	w := answer(t, e, 1, "하나", "둘")
	got := w.Entry
	if got.Reply.ID != "re:m2" || !slices.Equal(got.Reply.Answers, []string{"m1", "m2"}) || got.Reply.Text() != "you said 하나\n둘" || got.Reply.Lang != "ko" {
		t.Errorf("reply %+v", got.Reply)
	}
	if got.Session.Turns != 1 || got.Session.Lang != "ko" || !got.Session.Opened.Equal(time.Unix(1001, 0)) || !slices.Equal(got.Session.Used, []string{"p"}) {
		t.Errorf("session %+v", got.Session)
	}
	var steps []string
	for _, s := range got.Steps {
		steps = append(steps, fmt.Sprint(s.Stage, " ", s.Took))
	}
	if !slices.Equal(steps, []string{"one 1ms", "two 1ms", "three 1ms"}) || got.Failure != "" {
		t.Errorf("steps %v, failure %q", steps, got.Failure)
	}
	if again := answer(t, e, 2, "하나", "둘"); again.Entry.Reply.ID != got.Reply.ID || again.Entry.Reply.Text() != got.Reply.Text() {
		t.Errorf("a second attempt says %+v; want the same reply", again.Entry.Reply)
	}
}

func TestAnswerDoesNotTouchWhatItReads(t *testing.T) {
	e := &bot.Engine{Flow: flow(func(ctx context.Context, t *bot.Turn) error {
		t.After.Mood.Recent[0] = 9
		t.After.Journey.Slots["order"] = "changed"
		t.Customer.Consent["memory"] = false
		return echo(ctx, t)
	})}
	w := &bot.Work{Messages: []bot.Message{{ID: "a", Text: "hello there"}}, Attempt: 1,
		Session:  bot.Session{Mood: bot.Mood{Recent: []float64{1}}, Journey: bot.Journey{Slots: map[string]string{"order": "A"}}},
		Customer: bot.Customer{Consent: map[string]bool{"memory": true}}}
	before := w.Session.Clone()
	e.Answer(t.Context(), w)
	if !reflect.DeepEqual(w.Session, before) {
		t.Errorf("the session as claimed became %+v", w.Session)
	}
	if w.Entry.Session.Journey.Slots["order"] != "changed" || w.Customer.Consent["memory"] {
		t.Error("what the stage wrote was lost")
	}
}

// TestRescue: whatever a stage does wrong leads to one honest line and a call
// for a person, in the customer's language.
func TestRescue(t *testing.T) {
	for name, run := range map[string]func(context.Context, *bot.Turn) error{
		"an error":        func(context.Context, *bot.Turn) error { return errors.New("the model is away") },
		"a panic":         func(context.Context, *bot.Turn) error { panic("the model is away") },
		"a runtime panic": func(_ context.Context, t *bot.Turn) error { return errors.New(t.Burst[len(t.Burst)].Text) },
		"half an answer":  func(ctx context.Context, t *bot.Turn) error { _ = echo(ctx, t); return errors.New("the model is away") },
		"nothing said":    func(context.Context, *bot.Turn) error { return nil },
		"only empty said": func(_ context.Context, t *bot.Turn) error { t.Say(bot.Part{Stage: "guide", Text: " \n"}); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			e := &bot.Engine{Flow: flow(run)}
			for lang, text := range map[string]string{"ko": "환불 언제 되나요", "en": "where is my refund"} {
				got := answer(t, e, 1, text).Entry
				if len(got.Reply.Parts) != 1 || got.Reply.Parts[0].Stage != "rescue" || got.Reply.Lang != lang {
					t.Fatalf("reply %+v; want one line in %s", got.Reply, lang)
				}
				if hangul := strings.ContainsFunc(got.Reply.Text(), func(r rune) bool { return unicode.Is(unicode.Hangul, r) }); hangul != (lang == "ko") {
					t.Errorf("%q is not in %s", got.Reply.Text(), lang)
				}
				if got.Session.Owner != bot.OwnerWaiting || got.Session.Called == "" || got.Plan.Handoff.Level != "now" || len(got.Plan.Reasons) == 0 {
					t.Errorf("owner %q, hand-off %+v; want a person called", got.Session.Owner, got.Plan.Handoff)
				}
				if got.Failure == "" {
					t.Error("the operators do not learn what went wrong")
				}
			}
		})
	}
}

func TestRescueKeepsSafety(t *testing.T) {
	got := answer(t, &bot.Engine{Flow: flow(func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "half an answer"})
		t.Say(bot.Part{Stage: "safety", Text: "please call 109"})
		return errors.New("broken")
	})}, 1, "hello there").Entry
	var stages []string
	for _, p := range got.Reply.Parts {
		stages = append(stages, p.Stage)
	}
	if !slices.Equal(stages, []string{"safety", "rescue"}) {
		t.Errorf("parts %v; want the safety lane kept and the half answer dropped", stages)
	}
}

func TestRescueInTheBrandsVoice(t *testing.T) {
	broken := flow(func(context.Context, *bot.Turn) error { return errors.New("broken") })
	voice := bot.Stage{Name: "rescue", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "rescue", Text: "우리 탓입니다"})
		return nil
	}}
	if got := answer(t, &bot.Engine{Flow: broken, Rescue: voice}, 1, "안녕").Entry.Reply; got.Text() != "우리 탓입니다" {
		t.Errorf("reply %q; want the brand's own words", got.Text())
	}
	mute := bot.Stage{Name: "rescue", Run: func(context.Context, *bot.Turn) error { panic("the voice is broken, too") }}
	got := answer(t, &bot.Engine{Flow: broken, Rescue: mute}, 1, "안녕").Entry
	if len(got.Reply.Parts) != 1 || len(got.Notes) == 0 {
		t.Errorf("reply %+v notes %v; want the built-in line and a note", got.Reply, got.Notes)
	}
}

func TestPoisonIsNotTriedForEver(t *testing.T) {
	ran := 0
	e := &bot.Engine{Flow: flow(func(ctx context.Context, t *bot.Turn) error { ran++; return echo(ctx, t) })}
	for attempt := 1; attempt <= 8; attempt++ {
		got := answer(t, e, attempt, "hello there").Entry
		if poisoned := attempt > 5; (got.Failure != "") != poisoned || len(got.Reply.Parts) != 1 {
			t.Errorf("attempt %d: failure %q, reply %q", attempt, got.Failure, got.Reply.Text())
		}
	}
	if ran != 5 {
		t.Errorf("the flow ran %d times; want 5", ran)
	}
}

func TestHungStageIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		hang := func(ctx context.Context, turn *bot.Turn) error {
			if turn.Message.From.Thread == "x" {
				time.Sleep(time.Hour) // heeds no context
				turn.Say(bot.Part{Stage: "guide", Text: "too late"})
			}
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(hang), Workers: 1, Deadline: 10 * time.Second}, func() {
			l.in <- hello("x", "a")
			time.Sleep(12 * time.Second)
			l.in <- hello("y", "b")
			synctest.Wait()
			if got := l.texts(); len(got) != 2 || strings.Contains(got[0], "too late") || got[1] != "you said hello from b" {
				t.Errorf("sent %q; want an apology and then the other answer", got)
			}
			time.Sleep(2 * time.Hour)
		})
		if n := len(l.texts()); n != 2 {
			t.Errorf("%d replies; want the late one dropped", n)
		}
	})
}

func TestStaffedTurnStaysSilentEvenWhenItFails(t *testing.T) {
	w := &bot.Work{Attempt: 1, Messages: []bot.Message{{ID: "a", Text: "hello there"}}, Session: bot.Session{Owner: "person:지영", Epoch: 3}}
	(&bot.Engine{Flow: flow(func(context.Context, *bot.Turn) error { return errors.New("broken") })}).Answer(t.Context(), w)
	if len(w.Entry.Reply.Parts) > 0 || w.Entry.Session.Owner != "person:지영" || w.Entry.Failure == "" || w.Entry.Draft != nil {
		t.Errorf("entry %+v; want silence, the same owner, and the failure noted", w.Entry)
	}
}

// TestStaffedTurnBecomesADraft: what the bot would have said is kept for the
// person and leaves no trace in what the session remembers as said.
func TestStaffedTurnBecomesADraft(t *testing.T) {
	e := &bot.Engine{Flow: flow(func(ctx context.Context, t *bot.Turn) error {
		t.After.Moves, t.After.Used, t.After.Apology = append(t.After.Moves, bot.Move{Strategy: "new"}), []string{"p"}, 2
		t.After.Mood.Average, t.Case.Event = .5, "delivery_late"
		return echo(ctx, t)
	})}
	for _, owner := range []string{"person:지영", "wrap-up:지영"} {
		w := &bot.Work{Attempt: 1, Messages: []bot.Message{{ID: "a", Text: "hello there"}}, Session: bot.Session{Owner: owner, Moves: []bot.Move{{Strategy: "old"}}}}
		e.Answer(t.Context(), w)
		got := w.Entry
		if len(got.Reply.Parts) > 0 || got.Draft == nil || got.Draft.Text() != "you said hello there" {
			t.Errorf("%s: reply %+v, draft %+v; want a draft alone", owner, got.Reply, got.Draft)
		}
		if s := got.Session; s.Owner != "person:지영" || len(s.Moves) != 1 || s.Apology != 0 || s.Used != nil || s.Mood.Average != .5 || s.Case.Event != "delivery_late" || s.Turns != 1 {
			t.Errorf("%s: session %+v; want what was heard and nothing of what was not said", owner, s)
		}
	}
}

// TestWhoWritesAfterTheEndBeginsAnew: the bot answers, and the clock of waiting
// starts when a person is called and not again.
func TestWhoWritesAfterTheEndBeginsAnew(t *testing.T) {
	e := &bot.Engine{Flow: flow(func(ctx context.Context, t *bot.Turn) error {
		t.After.Owner = bot.OwnerWaiting
		return echo(ctx, t)
	})}
	w := &bot.Work{Attempt: 1, Messages: []bot.Message{{ID: "a", Text: "hello", Time: time.Unix(50, 0)}}, Session: bot.Session{Owner: bot.OwnerClosed, Epoch: 3}, Others: 2}
	e.Answer(t.Context(), w)
	if len(w.Entry.Reply.Parts) == 0 || !w.Entry.Session.Asked.Equal(time.Unix(50, 0)) {
		t.Errorf("entry %+v; want an answer, and the clock started", w.Entry)
	}
	w = &bot.Work{Attempt: 1, Messages: []bot.Message{{ID: "b", Text: "hello", Time: time.Unix(90, 0)}}, Session: bot.Session{Owner: bot.OwnerQueued, Asked: time.Unix(50, 0)}}
	e.Answer(t.Context(), w)
	if !w.Entry.Session.Asked.Equal(time.Unix(50, 0)) {
		t.Errorf("waiting since %v; want since the first call", w.Entry.Session.Asked)
	}
}

func TestABurstIsBounded(t *testing.T) {
	var texts []string
	for range 200 {
		texts = append(texts, strings.Repeat("가", 5000))
	}
	e := &bot.Engine{Flow: flow(func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: fmt.Sprint(len(t.Message.Text) <= bot.TextMax && utf8.ValidString(t.Message.Text), " ", len(t.Burst))})
		return nil
	})}
	if got := answer(t, e, 1, texts...).Entry.Reply.Text(); got != "true 200" {
		t.Errorf("%q; want a joined text within TextMax and all 200 messages", got)
	}
}
