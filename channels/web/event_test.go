package web

import (
	"context"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// TestWordFromTheBrandsSystemsIsNoBubble: the result of an action is a message
// of the transcript, but what a customer sees is the reply to it, without a hole
// in the numbers.
func TestWordFromTheBrandsSystemsIsNoBubble(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	h.say(s.Token, "00000000-0000-7000-8000-000000000001", "hello")
	err := h.ledger.Receive(context.Background(), bot.Message{
		ID: "result:1", From: address(s.Thread), Event: bot.EventAction, Text: "secret", Time: time.Now(),
		Context: map[string]string{"order": "do:1", "outcome": "done"},
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.ledger.Events(context.Background(), address(s.Thread), 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range h.wire(context.Background(), address(s.Thread), all) {
		if e.Seq != int64(i)+1 {
			t.Errorf("event %d has number %d: a hole", i, e.Seq)
		}
		if e.Text == "secret" || e.Kind == "event" {
			t.Errorf("the browser is shown %+v", e)
		}
	}
}
