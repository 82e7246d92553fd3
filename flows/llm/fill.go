package llm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/flows"
)

// A Library asks another one, and where that finds nothing for a short
// follow-up, once more with a question of its own made by the models for [Fill].
type Library struct {
	flows.Library
	Models *Models
}

// followMax is how long a follow-up is at most, in letters.
const followMax = 60

// fillView is what the prompt for Fill sees.
type fillView struct{ Marker, Message, Topic string }

// Search finds what the brand knows; see [flows.Library].
func (l Library) Search(ctx context.Context, q flows.Question, n int) ([]bot.Passage, error) {
	found, err := l.Library.Search(ctx, q, n)
	if err != nil || len(found) > 0 || q.About == "" || utf8.RuneCountInString(q.Text) > followMax {
		return found, err
	}
	text, err := l.complete(ctx, q)
	if err != nil {
		return nil, nil //nolint:nilerr // nothing was found; why the model did not help is counted where it happened
	}
	return l.Library.Search(ctx, flows.Question{Text: text, Lang: q.Lang}, n)
}

// complete makes a question of its own out of a follow-up.
func (l Library) complete(ctx context.Context, q flows.Question) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, opinionWithin)
	defer cancel()
	v := fillView{Marker: l.Models.prompts.marker(), Message: clean(q.Text, followMax), Topic: clean(q.About, saidMax)}
	var hidden redact.Map
	_, system, data, err := l.Models.prompts.render(q.Lang, Fill, v, &hidden)
	if err != nil {
		return "", err
	}
	var got struct{ Question string }
	_, err = l.Models.Ask(ctx, Query{Purpose: Fill, System: system, User: data, Into: func(text string) error {
		if err := decode(text, &got); err != nil {
			return err
		}
		if got.Question = strings.TrimSpace(got.Question); got.Question == "" || utf8.RuneCountInString(got.Question) > 3*followMax {
			return errors.New("there is no question in it")
		}
		return nil
	}})
	return got.Question, err
}

// A Clerk writes what a person who takes over should know, with the models for
// [Summarise].
type Clerk struct{ Models *Models }

// summariseView is what the prompt for Summarise sees.
type summariseView struct {
	Marker, Message, Known string
	Moves                  []string
}

const briefMax = 400

// Brief returns at most two sentences; see [flows.Care.Brief].
func (c Clerk) Brief(ctx context.Context, t *bot.Turn) (string, error) {
	v := summariseView{Marker: c.Models.prompts.marker(), Message: clean(t.Message.Text, messageMax)}
	known := []string{t.Case.Event, t.Case.Noun}
	for _, s := range t.Case.Stakes {
		known = append(known, s.Words)
	}
	for _, f := range t.Case.Given {
		known = append(known, f.Name+" "+f.Value)
	}
	v.Known = clean(strings.Join(slices.DeleteFunc(known, func(s string) bool { return s == "" }), " · "), saidMax)
	for _, m := range t.Session.Moves {
		v.Moves = append(v.Moves, clean(fmt.Sprintf("%s %s (%s)", m.Opener, m.Topic, m.Reaction), saidMax))
	}
	var hidden redact.Map
	_, system, data, err := c.Models.prompts.render(t.Reply.Lang, Summarise, v, &hidden)
	if err != nil {
		return "", err
	}
	var got struct{ Summary string }
	_, err = c.Models.Ask(ctx, Query{Purpose: Summarise, Conversation: t.Message.From.String(), System: system, User: data, Into: func(text string) error {
		if err := decode(text, &got); err != nil {
			return err
		}
		if n := utf8.RuneCountInString(got.Summary); n == 0 || n > briefMax {
			return fmt.Errorf("a summary of %d letters", n)
		}
		return nil
	}})
	if err != nil {
		return "", err
	}
	return hidden.Restore(strings.Join(strings.Fields(got.Summary), " "))
}
