package slack

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// shopAddress is a customer who writes on the web.
func shopAddress() bot.Address { return bot.Address{Channel: "web", Thread: "w1"} }

// front is a desk with a ledger in which a customer of the web waits.
type front struct {
	w      *wire
	c      *Channel
	d      *Desk
	ledger *bot.Memory
	n      int
	later  time.Duration // how far the desk's clock is ahead
}

func newFront(t *testing.T, change func(*desk.Options)) *front {
	t.Helper()
	w, c, _ := hear(t, nil)
	f := &front{w: w, c: c, ledger: &bot.Memory{}}
	f.d = f.desk(t, c, change)
	return f
}

func (f *front) desk(t *testing.T, c *Channel, change func(*desk.Options)) *Desk {
	t.Helper()
	o := desk.Options{Ledger: f.ledger, Hints: &bot.LocalHints{}, Now: func() time.Time { return time.Now().Add(f.later) }}
	if change != nil {
		change(&o)
	}
	core, err := desk.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDesk(c, DeskOptions{Channel: "CSTAFF", Desk: core, Poll: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// customer writes, and the bot answers; it calls a person when call is set.
func (f *front) customer(t *testing.T, a bot.Address, text string, call bool, score float64) {
	t.Helper()
	ctx := t.Context()
	f.n++
	if err := f.ledger.Receive(ctx, bot.Message{ID: fmt.Sprint(a, f.n), From: a, User: "u", Text: text, Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w, err := f.ledger.Claim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	flow := bot.Flow{{Name: "guide", Run: func(_ context.Context, turn *bot.Turn) error {
		turn.Say(bot.Part{Stage: "guide", Text: "봇의 답"})
		turn.Reading.Emotions = []bot.Emotion{{Name: "anger", Strength: 0.8}}
		turn.Reading.Evidence = []bot.Span{{Text: "세 번째", Says: "anger"}}
		turn.Plan.Handoff = bot.Handoff{Level: "now", Brief: "환불을 기다린 지 사흘째"}
		turn.After.Case.Noun, turn.After.Case.Event = "딸 생일 선물", "delivery_late"
		turn.After.Priority = bot.Priority{Tier: "P1", Score: score, Reasons: []string{"세 번째 문의", "점점 나빠짐"}}
		if call && turn.After.Owner == bot.OwnerBot {
			turn.After.Owner, turn.After.Called = bot.OwnerWaiting, "asked"
		}
		return nil
	}}}
	(&bot.Engine{Flow: flow}).Answer(ctx, w)
	if err := f.ledger.Commit(ctx, w); err != nil {
		t.Fatal(err)
	}
}

func (f *front) round(t *testing.T) {
	t.Helper()
	if err := f.d.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.c.in.Wait()
}

// cards are the messages at the top of the staff channel.
func (f *front) cards() []*posted {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	var out []*posted
	for _, p := range f.w.messages {
		if p.Channel == "CSTAFF" && p.Thread == "" {
			out = append(out, p)
		}
	}
	return out
}

func (f *front) state(i int) string {
	f.c.in.Wait()
	p := f.cards()[i]
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	return visible(p)
}

// write lets a member of the staff write in the thread of a card.
func (f *front) write(t *testing.T, i int, user, text string) int {
	t.Helper()
	f.w.mu.Lock()
	ts := f.w.nextStamp()
	f.w.mu.Unlock()
	return f.w.post("application/json", marshal(wrap("Ev", in("CSTAFF", ts, f.cards()[i].TS, user, text))))
}

// pressTwice presses, as an impatient person does, the button of a private note
// under the first card whose value is wanted.
func (f *front) pressTwice(t *testing.T, blocks string, wanted func(value string) bool) {
	t.Helper()
	note := &posted{Channel: "CSTAFF", Thread: f.cards()[0].TS, TS: "1700000010.000001", Blocks: []byte(blocks)}
	var value string
	for _, b := range strings.Split(blocks, `"`) {
		if wanted(b) {
			value = b
		}
	}
	a, ok := button(note, value)
	if !ok {
		t.Fatalf("no button in %s", note.Blocks)
	}
	k := press(note, a, "UHANEUL")
	k["actions"].([]any)[0].(map[string]any)["block_id"] = f.cards()[0].TS
	for range 2 {
		if code := f.w.post(form, []byte("payload="+url.QueryEscape(string(marshal(k))))); code != 200 {
			t.Fatalf("status %d", code)
		}
	}
}

func (f *front) press(t *testing.T, i int, name, user string) {
	t.Helper()
	f.c.in.Wait()
	f.w.mu.Lock()
	p := f.cards0(i)
	f.w.mu.Unlock()
	body := click1(&p, name, user)
	if body == nil {
		t.Fatalf("no button %q on %s", name, p.Blocks)
	}
	if code := f.w.post(form, body); code != 200 {
		t.Fatalf("status %d", code)
	}
	f.c.in.Wait()
}

// cards0 copies a card. The caller holds the wire's lock.
func (f *front) cards0(i int) posted {
	for _, p := range f.w.messages {
		if p.Channel == "CSTAFF" && p.Thread == "" {
			if i == 0 {
				return *p
			}
			i--
		}
	}
	return posted{}
}

// said are the replies of people in the ledger, as "name: text".
func (f *front) said(t *testing.T, a bot.Address) []string {
	t.Helper()
	events, err := f.ledger.Events(t.Context(), a, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if e.Reply != nil && e.Reply.From != "" {
			out = append(out, e.Reply.From+": "+e.Reply.Text())
		}
	}
	return out
}

func (f *front) owner(t *testing.T, a bot.Address) string {
	t.Helper()
	events, err := f.ledger.Events(t.Context(), a, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	owner := bot.OwnerBot
	for _, e := range events {
		if e.Kind == "owner" {
			owner = e.Owner
		}
	}
	return owner
}

func (f *front) whispers() []url.Values { return f.w.find("chat.postEphemeral") }
