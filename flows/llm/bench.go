package llm

import (
	"context"
	"fmt"
	"slices"

	"github.com/onkihq/onki/bot/redact"
)

// A Bench of judges compares answers with the models for [Judge]. No judge is
// told who wrote what.
type Bench struct{ Models *Models }

// judgeView is what the prompt for Judge sees.
type judgeView struct{ Marker, Message, Known, One, Two string }

// judgedMax letters of an answer are judged.
const judgedMax = 2000

// A Verdict is what one reading of two answers came to.
type Verdict struct {
	Better string `json:"better"` // "1", "2" or "tie"
	Why    string `json:"why"`
}

// Compare asks which of two answers to the message a customer would rather
// receive. The caller asks in both orders: judges prefer what they read first.
func (b Bench) Compare(ctx context.Context, lang, message, known, one, two string) (Verdict, error) {
	v := judgeView{Marker: b.Models.prompts.marker(), Message: clean(message, messageMax), Known: clean(known, passageMax), One: clean(one, judgedMax), Two: clean(two, judgedMax)}
	var hidden redact.Map
	_, system, data, err := b.Models.prompts.render(lang, Judge, v, &hidden)
	if err != nil {
		return Verdict{}, err
	}
	var got Verdict
	_, err = b.Models.Ask(ctx, Query{Purpose: Judge, System: system, User: data, Into: func(text string) error {
		got = Verdict{}
		if err := decode(text, &got); err != nil {
			return err
		}
		if !slices.Contains([]string{"1", "2", "tie"}, got.Better) {
			return fmt.Errorf("%q is no verdict", got.Better)
		}
		return nil
	}})
	return got, err
}
