package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
)

//go:embed script.json
var scriptFile []byte

// line is one answer of the script: to the first message that holds one of the
// words.
type line struct {
	Words []string
	Parts []bot.Part
	Know  []bot.Passage
	Close bool
	Call  bool
}

// script answers from script.json; whatever it does not know it repeats.
func script(slow time.Duration) func(context.Context, *bot.Turn) error {
	var lines map[string][]line
	err := json.Unmarshal(scriptFile, &lines)
	return func(ctx context.Context, t *bot.Turn) error {
		if err != nil {
			return err
		}
		if slow > 0 && strings.Contains(t.Message.Text, "slow") {
			select {
			case <-time.After(slow):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if t.Message.Choice == bot.ChoiceHuman {
			t.After.Owner = bot.OwnerWaiting
		}
		for _, l := range lines[t.Reply.Lang] {
			for _, w := range l.Words {
				if strings.Contains(strings.ToLower(t.Message.Text), w) {
					t.Passages, t.Plan.Close = l.Know, l.Close
					for _, p := range l.Parts {
						t.Say(p)
					}
					return nil
				}
			}
		}
		t.Say(bot.Part{Stage: "guide", Text: "re: " + t.Message.Text})
		return nil
	}
}

// ledger is bot.Memory with the abilities a stored ledger may have.
type ledger struct {
	bot.Memory
	mu    sync.Mutex
	stars []int
}

func (l *ledger) Rate(_ context.Context, _ bot.Address, _ string, stars int, _ string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stars = append(l.stars, stars)
	return nil
}

func (l *ledger) Consent(context.Context, bot.Address, string, bool, string, time.Time) error {
	return nil
}

// Erase forgets nothing, since bot.Memory cannot; the tests look at what the
// customer sees after it.
func (l *ledger) Erase(context.Context, bot.Address) error { return nil }

// take lets a test speak as a person of the staff.
func (l *ledger) take(hints bot.Hints) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var call struct{ Thread, Person, Text string }
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a := bot.Address{Channel: "web", Thread: call.Thread}
		epoch, err := bot.TakeOver(r.Context(), l, a, call.Person)
		if err == nil {
			err = l.Say(r.Context(), bot.Reply{ID: time.Now().String(), To: a, From: call.Person, Parts: []bot.Part{{Text: call.Text}}, Time: time.Now()}, epoch)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		hints.Wake(bot.TopicEvents + a.String())
	}
}

// fill gives a conversation a long history.
func (l *ledger) fill(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Thread   string
		Messages int
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for i := range call.Messages {
		id := fmt.Sprintf("%s/history-%05d", call.Thread, i)
		m := bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: call.Thread}, Text: fmt.Sprint("line ", i), Lang: "en", Time: time.Now()}
		if err := l.Receive(r.Context(), m); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
}
