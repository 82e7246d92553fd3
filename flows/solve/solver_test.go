package solve_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/flowstest"
	"github.com/onkihq/onki/flows/solve"
)

func records() flowstest.Records {
	return flowstest.Records{"parcel": {"1042": {
		{Name: "order", Value: "1042"}, {Name: "item", Value: "chair"}, {Name: "due", Value: "2026-03-01"}, {Name: "amount", Value: "42000"},
	}}}
}

func TestRecords(t *testing.T) {
	flowstest.TestLookup(t, records(), "parcel", map[string]string{"order": "1042"}, map[string]string{"order": "1999"})
}

// conversation plays turns against a Solver, as the guide stage would.
type conversation struct {
	t *testing.T
	s *solve.Solver
	j bot.Journey
	n int
}

func (c *conversation) turn(text string, event string, result *bot.Message) (string, bot.Journey) {
	c.t.Helper()
	c.n++
	now := time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC)
	m := bot.Message{ID: "m", From: bot.Address{Channel: "web", Thread: "x"}, Text: text, Time: now}
	turn := &bot.Turn{Message: m, Burst: []bot.Message{m}, Session: &bot.Session{Owner: bot.OwnerBot, Journey: c.j, Turns: c.n - 1, Updated: now},
		Case: bot.Case{Event: event}, Reply: bot.Reply{ID: "re:m", Lang: "en"}}
	if result != nil {
		turn.Burst = append(turn.Burst, *result)
	}
	p, err := c.s.Solve(context.Background(), turn)
	if err != nil {
		c.t.Fatal(err)
	}
	if p.Flow != "" {
		c.j = p.Journey
	}
	return strings.Join(strings.Fields(p.Say+" "+p.Moment+" "+p.Question), " "), p.Journey
}

func TestSolver(t *testing.T) {
	c := &conversation{t: t, s: &solve.Solver{Book: book(t), Lookup: records()}}
	for _, x := range []struct{ says, want string }{
		{"do you have a shop in Busan", ""},
		{"my parcel is late", "Your order number, please?"},
		{"1042", "Your chair is late. Wait or cancel?"},
		{"cancel", "Refund 42,000 KRW?"},
		{"yes", "On its way."},
	} {
		event := ""
		if strings.Contains(x.says, "late") {
			event = "delivery_late"
		}
		if got, _ := c.turn(x.says, event, nil); got != x.want {
			t.Fatalf("%q: %q, want %q", x.says, got, x.want)
		}
	}
	r := &bot.Message{Event: bot.EventAction, Context: map[string]string{"order": c.j.Order, "outcome": "done", "fact.refund": "42000", "fact.by": "2026-03-07"}}
	if got, j := c.turn("thanks", "", r); got != "42,000 KRW by Saturday 7 March." || !j.Done {
		t.Errorf("the result is told as %q, %+v", got, j)
	}
}

func TestWithoutASystemNothingIsClaimed(t *testing.T) {
	for name, l := range map[string]flowstest.Records{"out of order": {}, "none": nil} {
		c := &conversation{t: t, s: &solve.Solver{Book: book(t)}}
		if l != nil {
			c.s.Lookup = l
		}
		c.turn("my parcel is late", "delivery_late", nil)
		if got, j := c.turn("1042", "", nil); got != "flow.unreachable" || !j.Done {
			t.Errorf("%s: %q, %+v", name, got, j)
		}
	}
}

func TestDrawing(t *testing.T) {
	f := book(t).Flows[0]
	tree, chart := solve.Tree(f, "en"), solve.Mermaid(f, "ko")
	for _, want := range []string{"late: Late", "look [look up parcel]", "parcel.due < today → offer [choose]", "Cancel → cancel [cancel, after a yes]", "nothing found → none", "look (above)"} {
		if !strings.Contains(tree, want) {
			t.Errorf("the tree lacks %q:\n%s", want, tree)
		}
	}
	for _, want := range []string{"```mermaid", `s_look -- "parcel.due #lt; today" --> s_offer`, `s_cancel -- "no" --> s_left`} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart lacks %q:\n%s", want, chart)
		}
	}
}
