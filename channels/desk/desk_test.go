package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// room is a desk over a ledger in memory, with a clock of its own.
type room struct {
	t      *testing.T
	ledger *bot.Memory
	d      *desk.Desk
	now    time.Time
	n      int
}

func newRoom(t *testing.T, change func(*desk.Options)) *room {
	r := &room{t: t, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return r.now }
	r.ledger = &bot.Memory{Now: clock}
	o := desk.Options{Ledger: r.ledger, Hints: &bot.LocalHints{}, Now: clock, Lang: "en"}
	if change != nil {
		change(&o)
	}
	var err error
	if r.d, err = desk.New(o); err != nil {
		t.Fatal(err)
	}
	return r
}

func at(thread string) bot.Address { return bot.Address{Channel: "web", Thread: thread} }

// says lets a customer write; think decides the turn.
func (r *room) says(thread, text string, think func(*bot.Turn), files ...bot.File) {
	r.t.Helper()
	r.n++
	if err := r.ledger.Receive(r.t.Context(), bot.Message{ID: fmt.Sprint(r.n), From: at(thread), User: "u", Text: text, Files: files, Time: r.now}); err != nil {
		r.t.Fatal(err)
	}
	w, err := r.ledger.Claim(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	(&bot.Engine{Flow: bot.Flow{{Name: "guide", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "about " + text})
		if think != nil {
			think(t)
		}
		return nil
	}}}}).Answer(r.t.Context(), w)
	if err := r.ledger.Commit(r.t.Context(), w); err != nil {
		r.t.Fatal(err)
	}
}

// calls is a turn that calls a person, of some priority.
func calls(tier string, score float64) func(*bot.Turn) {
	return func(t *bot.Turn) {
		t.After.Owner, t.After.Called = bot.OwnerWaiting, "asked"
		t.After.Priority = bot.Priority{Tier: tier, Score: score, Reasons: []string{"what happened hurts: delivery late", "they had to come back"}}
	}
}

func (r *room) requests() []string {
	r.t.Helper()
	all, err := r.d.Requests(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for _, s := range all {
		out = append(out, s.Address.Thread)
	}
	return out
}

func (r *room) owner(thread string) string {
	r.t.Helper()
	s, err := r.d.State(r.t.Context(), at(thread))
	if err != nil {
		r.t.Fatal(err)
	}
	return s.Owner
}

func TestMostUrgentFirst(t *testing.T) {
	r := newRoom(t, nil)
	r.says("calm", "hello", calls("P3", 16))
	r.now = r.now.Add(20 * time.Minute)
	r.says("upset", "hello", calls("P3", 20))
	r.says("danger", "hello", calls("P0", 5))
	r.says("fine", "hello", nil)
	if got := strings.Join(r.requests(), " "); got != "danger calm upset" {
		t.Errorf("order %s; want danger first, and waiting to count", got)
	}
	r.now = r.now.Add(25 * time.Hour)
	if got := r.requests(); len(got) != 0 {
		t.Errorf("requests of yesterday: %v", got)
	}
}

func TestShownOnce(t *testing.T) {
	r := newRoom(t, nil)
	r.says("x", "hello", calls("P2", 30))
	before, err := r.d.State(t.Context(), at("x"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.d.Shown(t.Context(), before)
	if err != nil || s.Owner != bot.OwnerQueued || s.Epoch != before.Epoch+1 {
		t.Fatalf("shown %+v, %v", s, err)
	}
	again, err := r.d.Shown(t.Context(), before) // another desk, a moment later
	if err != nil || again.Epoch != s.Epoch {
		t.Fatalf("shown again %+v, %v; want the state of the first", again, err)
	}
	if _, err := r.d.Claim(t.Context(), at("x"), "Mina"); err != nil {
		t.Fatal(err)
	}
	if late, err := r.d.Shown(t.Context(), s); err != nil || late.Owner != "person:Mina" {
		t.Fatalf("shown after it was taken: %+v, %v", late, err)
	}
}

func TestBrief(t *testing.T) {
	r := newRoom(t, func(o *desk.Options) {
		o.Zone = time.FixedZone("", 9*3600)
		o.Opening = func(_ context.Context, s bot.Session, e bot.Entry) string {
			return "I have read it all, " + e.Messages[0].Text
		}
	})
	r.says("x", "where is my gift", func(t *bot.Turn) {
		calls("P1", 50)(t)
		t.Reading.Emotions = []bot.Emotion{{Name: "anxiety", Strength: .62}, {Name: "anger", Strength: .3}}
		t.Reading.Evidence = []bot.Span{{Text: "still not", Says: "anxiety"}}
		t.After.Case = bot.Case{Event: "delivery_late", Noun: "the birthday gift", Stakes: []bot.Stake{{Kind: "deadline", Words: "her birthday is tomorrow"}}, Given: []bot.Fact{{Name: "order", Value: "H1"}}}
		t.After.Moves = []bot.Move{{Forward: "question", Reaction: "cooperated"}, {Forward: "answer", Topic: "Delivery › Late", Reaction: "worse", Promise: "a coupon"}}
		t.Plan.Promises = []bot.Promise{{What: "person", Due: r.now.Add(30 * time.Minute), State: "open"}}
	})
	r.now = r.now.Add(12 * time.Minute)
	s, err := r.d.State(t.Context(), at("x"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.d.Brief(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(append([]string{b.Title, b.Why}, append(b.Lines, b.Last...)...), "\n")
	want := `P1 · a customer asks for a person (web)
Why: what happened hurts (delivery late) · they had to come back · waiting for 12 min
1. What happened: the birthday gift · delivery late · her birthday is tomorrow · H1
2. Tried: asked for what is needed → cooperated · told about “Delivery › Late” → worse
3. Promised: a coupon · an answer from a person by 19:30
4. Feeling: anxiety 62% “still not”, anger 30%
5. To say first: I have read it all, where is my gift
Customer: where is my gift
Bot: about where is my gift`
	if got != want {
		t.Errorf("brief:\n%s\nwant:\n%s", got, want)
	}
}

// TestBriefInKorean: what the policy says in English is told to Korean staff in
// Korean.
func TestBriefInKorean(t *testing.T) {
	r := newRoom(t, func(o *desk.Options) { o.Lang = "" })
	r.says("x", "선물이 아직이에요", func(t *bot.Turn) {
		calls("P1", 50)(t)
		t.After.Priority.Reasons = []string{"danger to a person R1", "what happened hurts: delivery late", "strong feeling: anxiety", "time is short", "something new"}
	})
	s, err := r.d.State(t.Context(), at("x"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.d.Brief(t.Context(), s)
	if want := "급한 까닭: 사람이 위험할 수 있음 R1 · 일어난 일이 큼(배송 지연) · 강한 마음(불안) · 시간이 촉박함 · something new"; err != nil || b.Why != want {
		t.Errorf("%q, %v; want %q", b.Why, err, want)
	}
	if b.Lines[2] != "③ 약속한 것: 없음" {
		t.Errorf("line %q; want it said that there is nothing", b.Lines[2])
	}
}

// What a customer attached is named in the brief, however long ago it was.
func TestBriefNamesWhatWasAttached(t *testing.T) {
	r := newRoom(t, nil)
	r.says("x", "the mug is broken", nil, bot.File{Name: "mug.jpg", Type: "image/jpeg"})
	for range 6 {
		r.says("x", "hello?", nil)
	}
	r.says("x", "I want a person", calls("P2", 30), bot.File{Name: "receipt.pdf", Type: "application/pdf"})
	s, err := r.d.State(t.Context(), at("x"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.d.Brief(t.Context(), s); err != nil || !strings.HasSuffix(b.Lines[0], "📎 mug.jpg, receipt.pdf") {
		t.Errorf("%q, %v: the files are not named", b.Lines[0], err)
	}
}

func TestWhoWritesTakesOverButNotFromAColleague(t *testing.T) {
	r := newRoom(t, nil)
	r.says("x", "hello", calls("P2", 30))
	for range 2 { // the network sends it twice
		if err := r.d.Write(t.Context(), at("x"), "Mina", "1", "I am here"); err != nil {
			t.Fatal(err)
		}
	}
	err := r.d.Write(t.Context(), at("x"), "Joon", "2", "me too")
	var taken desk.Taken
	if !errors.As(err, &taken) || taken != "Mina" {
		t.Fatalf("a colleague's words: %v; want Mina named", err)
	}
	for what, step := range map[string]func(context.Context, bot.Address, string) error{"GiveBack": r.d.GiveBack, "Finish": r.d.Finish} {
		if err := step(t.Context(), at("x"), "Joon"); !errors.As(err, &taken) {
			t.Errorf("%s by a colleague: %v", what, err)
		}
	}
	events, err := r.d.Events(t.Context(), at("x"), 0)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, e := range events {
		if e.Kind == "reply" && e.Reply.From != "" {
			said++
		}
	}
	if said != 1 || r.owner("x") != "person:Mina" {
		t.Errorf("%d things said, owner %s; want one, and Mina", said, r.owner("x"))
	}
}

func TestDraft(t *testing.T) {
	r := newRoom(t, nil)
	r.says("x", "first", nil) // answered, and not sent yet
	if _, err := r.d.Claim(t.Context(), at("x"), "Mina"); err != nil {
		t.Fatal(err)
	}
	if text, err := r.d.Draft(t.Context(), at("x")); err != nil || text != "about first" {
		t.Errorf("draft %q, %v; want the reply that was kept back", text, err)
	}
	r.says("x", "second", nil)
	if text, err := r.d.Draft(t.Context(), at("x")); err != nil || text != "about second" {
		t.Errorf("draft %q, %v; want what the bot would say now", text, err)
	}
	if text, err := r.d.Draft(t.Context(), at("nowhere")); err != nil || text != "" {
		t.Errorf("draft %q, %v; want none", text, err)
	}
}

func TestTheEndComesAfterWrapUp(t *testing.T) {
	r := newRoom(t, nil)
	r.says("x", "hello", calls("P2", 30))
	if _, err := r.d.Claim(t.Context(), at("x"), "Mina"); err != nil {
		t.Fatal(err)
	}
	if err := r.d.Finish(t.Context(), at("x"), "Mina"); err != nil {
		t.Fatal(err)
	}
	r.requests()
	r.now = r.now.Add(9 * time.Minute)
	r.says("x", "one more thing", nil) // still hers, and the time begins anew
	if r.owner("x") != "person:Mina" {
		t.Fatalf("owner %s", r.owner("x"))
	}
	if err := r.d.Finish(t.Context(), at("x"), "Mina"); err != nil {
		t.Fatal(err)
	}
	r.requests()
	r.now = r.now.Add(9 * time.Minute)
	r.requests()
	if r.owner("x") != "wrap-up:Mina" {
		t.Fatalf("owner %s before the time was over", r.owner("x"))
	}
	r.now = r.now.Add(2 * time.Minute)
	r.requests()
	if r.owner("x") != bot.OwnerClosed {
		t.Fatalf("owner %s; want the end", r.owner("x"))
	}
	if err := r.d.Finish(t.Context(), at("x"), "Mina"); err != nil || r.owner("x") != bot.OwnerBot {
		t.Fatalf("finishing what nobody has: %v, owner %s; want the bot", err, r.owner("x"))
	}
}

// TestALongWaitIsToldOnce: after the time that was promised, at a decent hour,
// and never to somebody a person has come to.
func TestALongWaitIsToldOnce(t *testing.T) {
	r := newRoom(t, nil)
	decent := false
	n := &desk.Late{
		Journal: r.ledger, Ledger: r.ledger, Hints: &bot.LocalHints{}, Now: func() time.Time { return r.now },
		Due:    func(asked time.Time) time.Time { return asked.Add(30 * time.Minute) },
		Decent: func(_ time.Time, zone string) bool { return decent && zone == "" },
		Words:  func(_ context.Context, s bot.Session) (string, error) { return "late, " + s.Address.Thread, nil },
	}
	round := func() {
		t.Helper()
		if err := n.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	told := func(thread string) (out []string) {
		events, err := r.d.Events(t.Context(), at(thread), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == "reply" && strings.HasPrefix(e.Reply.ID, "late/") {
				out = append(out, e.Reply.Text())
			}
		}
		return out
	}
	for _, thread := range []string{"x", "helped"} {
		r.says(thread, "hello", calls("P2", 30))
	}
	r.says("fine", "hello", nil)
	if _, err := r.d.Claim(t.Context(), at("helped"), "Mina"); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(29 * time.Minute)
	decent = true
	round()
	r.now = r.now.Add(2 * time.Minute)
	decent = false
	round()
	if got := told("x"); len(got) != 0 {
		t.Fatalf("told %q too early or at night", got)
	}
	decent = true
	round()
	round()
	r.says("x", "are you there", nil) // the clock is not set back, and it is not told again
	round()
	if got := told("x"); len(got) != 1 || got[0] != "late, x" {
		t.Fatalf("told %q; want it once", got)
	}
	if got := append(told("helped"), told("fine")...); len(got) != 0 {
		t.Fatalf("told %q to those who do not wait", got)
	}
}

// half is a ledger of people without a transcript.
type half struct{ bot.Desk }

func TestOptions(t *testing.T) {
	for want, o := range map[string]desk.Options{
		"Hints": {Ledger: &bot.Memory{}}, "Transcript": {Ledger: half{&bot.Memory{}}, Hints: &bot.LocalHints{}},
		"helo": {Ledger: &bot.Memory{}, Hints: &bot.LocalHints{}, Words: map[string]map[string]string{"ko": {"helo": "x"}}},
	} {
		if _, err := desk.New(o); !errors.Is(err, desk.ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error about %s", err, want)
		}
	}
}
