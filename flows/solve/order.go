package solve

import (
	"encoding/json"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// Channel is the name of the channel that carries out orders.
const Channel = "backoffice"

// Arguments of every call.
const (
	argLang     = "lang"     // of the conversation
	argCustomer = "customer" // who asks, by the brand's own name for them; absent when nobody vouches for that
)

// An Errand is an order on its way: what is to be done, and for whom.
type Errand struct {
	Action string            `json:"action"`
	Args   map[string]string `json:"args"`
	Amount float64           `json:"amount"`
	For    bot.Address       `json:"for"`  // the conversation that waits for the result
	User   string            `json:"user"` // the customer, as their channel knows them
	// Customer is who they are at the brand, "" when nobody vouches for that.
	Customer string `json:"customer,omitempty"`
}

// errand writes an order as a reply to the channel that does it, in a thread of
// its own for each conversation, so that the outbox keeps them in order.
func errand(o *Order, customer string, t *bot.Turn) (bot.Reply, error) {
	e := Errand{Action: o.Action, Args: o.Args, Amount: o.Amount, For: t.Message.From, User: t.Message.User, Customer: customer}
	text, err := json.Marshal(e)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("order %s: %w", o.ID, err)
	}
	return bot.Reply{
		ID: o.ID, To: bot.Address{Channel: Channel, Thread: t.Message.From.String()}, Answers: t.Reply.Answers,
		Parts: []bot.Part{{Stage: "action", Text: string(text)}}, Lang: t.Reply.Lang, Time: t.Message.Time,
	}, nil
}

// ReadErrand reads what a reply to the channel tells to do.
func ReadErrand(r bot.Reply) (Errand, error) {
	var e Errand
	if len(r.Parts) != 1 || r.Parts[0].Stage != "action" {
		return e, fmt.Errorf("reply %s is no order", r.ID)
	}
	if err := json.Unmarshal([]byte(r.Parts[0].Text), &e); err != nil {
		return e, fmt.Errorf("order %s: %w", r.ID, err)
	}
	return e, nil
}

// Report is the message that brings the result of an order to the conversation
// that waits for it. Its ID depends on the order alone, so that a second report
// changes nothing.
func (e Errand) Report(order string, r bot.Reply, outcome string, facts []bot.Fact) bot.Message {
	c := map[string]string{"order": order, "outcome": outcome}
	for _, f := range facts {
		c["fact."+f.Name] = f.Value
	}
	return bot.Message{
		ID: "result:" + e.For.Thread + ":" + order, From: e.For, Event: bot.EventAction, Lang: r.Lang, Context: c, Time: r.Time,
	}
}
