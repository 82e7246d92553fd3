package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// Claim makes the person the owner. [Taken] if a colleague is.
func (d *Desk) Claim(ctx context.Context, a bot.Address, who string) (epoch int64, err error) {
	for try := 0; ; try++ {
		s, err := d.State(ctx, a)
		if err != nil {
			return 0, err
		}
		if p := s.Person(); p != "" && p != who {
			return 0, Taken(p)
		}
		epoch, err = d.o.Ledger.Own(ctx, s, bot.OwnerPerson+who, bot.Reply{})
		switch {
		case err == nil:
			d.wake(a)
			return epoch, nil
		case !errors.Is(err, bot.ErrLost):
			return 0, fmt.Errorf("take over: %w", err)
		case try > 0:
			return 0, Taken("")
		}
	}
}

// Write says a person's text to the customer, wherever they are. Whoever writes
// takes over at once, but never from a colleague: [Taken], and nothing is said.
// The same ID is said once.
func (d *Desk) Write(ctx context.Context, a bot.Address, who, id, text string) error {
	for try := 0; ; try++ {
		epoch, err := d.Claim(ctx, a, who)
		if err != nil {
			return err
		}
		err = d.o.Ledger.Say(ctx, bot.Reply{
			ID: id, To: a, From: who, Lang: d.langOf(ctx, a), Time: d.o.Now(), Parts: []bot.Part{{Stage: "person", Text: text}},
		}, epoch)
		switch {
		case err == nil:
			d.wake(a)
			return nil
		case !errors.Is(err, bot.ErrLost):
			return fmt.Errorf("say: %w", err)
		case try > 0:
			return Taken("")
		}
	}
}

func (d *Desk) wake(a bot.Address) {
	d.o.Hints.Wake(bot.TopicOutbox + a.Channel)
	d.o.Hints.Wake(bot.TopicEvents + a.String())
}

// langOf is the language of the conversation, as far as it is known.
func (d *Desk) langOf(ctx context.Context, a bot.Address) string {
	s, err := d.State(ctx, a)
	if err != nil {
		return ""
	}
	return s.Lang
}

// GiveBack gives the conversation back to the bot and tells the customer so, if
// a person had it. [Taken] if a colleague has it.
func (d *Desk) GiveBack(ctx context.Context, a bot.Address, who string) error {
	return d.leave(ctx, a, who, bot.OwnerBot, "given-back")
}

// Finish ends the person's part. What the customer writes in the time of
// wrap-up is still theirs. [Taken] if a colleague has it; a conversation nobody
// has taken over goes back to the bot.
func (d *Desk) Finish(ctx context.Context, a bot.Address, who string) error {
	return d.leave(ctx, a, who, bot.OwnerWrapUp+who, "finished")
}

func (d *Desk) leave(ctx context.Context, a bot.Address, who, to, line string) error {
	for try := 0; ; try++ {
		owner := to
		s, err := d.State(ctx, a)
		if err != nil {
			return err
		}
		var say bot.Reply
		switch p := s.Person(); {
		case p != "" && p != who:
			return Taken(p)
		case p == "":
			owner = bot.OwnerBot
		default:
			text := d.words.Say(s.Lang, line, "name", who)
			say = bot.Reply{ID: fmt.Sprintf("%s/%d", line, s.Epoch), To: a, Lang: s.Lang, Time: d.o.Now(), Parts: []bot.Part{{Stage: "person", Text: text}}}
		}
		_, err = d.o.Ledger.Own(ctx, s, owner, say)
		switch {
		case err == nil:
			d.wake(a)
			d.o.Hints.Wake(bot.TopicTurns) // the customer may have written meanwhile
			return nil
		case !errors.Is(err, bot.ErrLost):
			return fmt.Errorf("give back: %w", err)
		case try > 0:
			return Taken("")
		}
	}
}

// Check returns a hint on what a person is about to send, or "".
func (d *Desk) Check(ctx context.Context, a bot.Address, text string) string {
	if d.o.Check == nil {
		return ""
	}
	lang := d.langOf(ctx, a)
	if lang == "" {
		lang = bot.Language(bot.Message{Text: text}, "")
	}
	return d.o.Check(text, lang)
}

// Draft is what the bot would have said last, had a person not taken over, or "".
func (d *Desk) Draft(ctx context.Context, a bot.Address) (string, error) {
	h, err := d.history(ctx, a)
	if err != nil {
		return "", err
	}
	if n := len(h.entries); n > 0 && h.entries[n-1].Draft != nil {
		return h.entries[n-1].Draft.Text(), nil
	}
	return h.draft, nil
}

// history is what a brief is made of.
type history struct {
	seq     int64       // of the last event
	last    []bot.Event // the last things said, three at most
	files   []string    // names of what the customer attached
	draft   string      // the last reply that a person's coming kept back
	entries []bot.Entry // the last turns, ten at most
}

func (d *Desk) history(ctx context.Context, a bot.Address) (history, error) {
	var h history
	for {
		events, err := d.Events(ctx, a, h.seq)
		if err != nil {
			return h, err
		}
		for _, e := range events {
			h.seq = e.Seq
			switch e.Kind {
			case "message", "reply":
				h.last = append(h.last, e)
				if e.Message != nil {
					for _, f := range e.Message.Files {
						h.files = append(h.files, f.Name)
					}
				}
			case "draft":
				h.draft = e.Reply.Text()
			}
		}
		h.last = h.last[max(0, len(h.last)-3):]
		if len(events) == 0 {
			break
		}
	}
	s, err := d.State(ctx, a)
	if err != nil {
		return h, err
	}
	h.entries, err = d.journal.Entries(ctx, a, int64(max(s.Turns-10, 0)), 20)
	if err != nil {
		return h, fmt.Errorf("read journal: %w", err)
	}
	return h, nil
}
