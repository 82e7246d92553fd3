package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func TestPartShowsItsCardsInWords(t *testing.T) {
	p := bot.Part{Text: "On its way.", Cards: []bot.Card{
		{Title: "Order **1042**", Rows: []bot.Row{{Label: "Item", Value: "chair\nwith arms"}, {Label: "Due", Value: "6 March"}}},
		{Title: "Order 1043"},
	}}
	want := "On its way.\n\n**Order 1042**\n- Item: chair with arms\n- Due: 6 March\n\n**Order 1043**"
	if got := p.Shown(); got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
	if got := (bot.Part{Text: "Hello."}).Shown(); got != "Hello." {
		t.Errorf("a part without cards is shown as %q", got)
	}
}

// Whoever sees no cards still has words.
func TestCardIsNeverWithoutWords(t *testing.T) {
	var turn bot.Turn
	turn.Say(bot.Part{Cards: []bot.Card{{Title: "Order 1042"}}})
	if len(turn.Reply.Parts) != 1 || turn.Reply.Text() != "Order 1042" {
		t.Errorf("said %+v", turn.Reply.Parts)
	}
}

func TestFormSurvivesABurstAndIsCleaned(t *testing.T) {
	m := bot.Clean(bot.Message{Form: "f\x00", Values: map[string]string{"order\u200b": strings.Repeat("1", 5000)}}, time.Unix(1, 0))
	if m.Form != "f" || len(m.Values) != 1 || len(m.Values["order"]) > 1024 {
		t.Errorf("cleaned to %q with %d values", m.Form, len(m.Values))
	}
	got := bot.Join([]bot.Message{{ID: "a", Form: "f", Values: map[string]string{"x": "1"}, Text: "x: 1"}, {ID: "b", Text: "please"}})
	if got.ID != "b" || got.Form != "f" || got.Values["x"] != "1" {
		t.Errorf("joined to %+v", got)
	}
}
