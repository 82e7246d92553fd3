package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/appraise"
	"github.com/onkihq/onki/flows/emotion"
)

// opinionWithin is how long a second opinion may take: until it is there the
// customer has heard nothing.
const opinionWithin = 1200 * time.Millisecond

// A Recognizer reads feelings with the models for [Recognize].
type Recognizer struct{ Models *Models }

// A Cascade lets the first recognizer answer alone when it is sure, and asks the
// second when it is not. Danger is never waited with, and never lowered; whoever
// switched the analysis of tone off is read by no model.
type Cascade struct {
	First, Second flows.Recognizer
	Sure          float64       // confidence from which First answers alone; 0 means .65
	Within        time.Duration // how long Second may take; 0 means 1.2 s
}

var (
	_ flows.Recognizer = Recognizer{}
	_ flows.Recognizer = Cascade{}
)

// opinionView is what the prompts for second opinions see.
type opinionView struct{ Marker, Message, Before, Events string }

// read is the answer for Recognize.
type read struct {
	Emotions []struct {
		Name     string  `json:"name"`
		Strength float64 `json:"strength"`
	} `json:"emotions"`
	Intensity *float64 `json:"intensity"`
	Risk      int      `json:"risk"`
}

// Recognize asks a model. Its reading has no evidence and a confidence of .6: how
// sure a model is cannot be read from its answer.
func (r Recognizer) Recognize(ctx context.Context, m bot.Message, s *bot.Session) (bot.Reading, error) {
	lang := bot.Language(m, "")
	v := opinionView{Marker: r.Models.prompts.marker(), Message: clean(m.Text, messageMax)}
	if s != nil && s.Turns > 0 {
		v.Before = strings.TrimSpace(s.Mood.Trajectory + " " + s.Case.Event)
	}
	var hidden redact.Map
	_, system, data, err := r.Models.prompts.render(lang, Recognize, v, &hidden)
	if err != nil {
		return bot.Reading{}, err
	}
	out := bot.Reading{Confidence: .6, Lang: lang}
	_, err = r.Models.Ask(ctx, Query{Purpose: Recognize, Conversation: m.From.String(), System: system, User: data, Into: func(text string) error {
		var got read
		if err := decode(text, &got); err != nil {
			return err
		}
		return got.into(&out)
	}})
	return out, err
}

// into checks the answer and takes it over.
func (g read) into(out *bot.Reading) error {
	out.Emotions = nil
	for _, e := range g.Emotions {
		if emotion.Group(e.Name) == "" || math.IsNaN(e.Strength) {
			return fmt.Errorf("%q is no care emotion", e.Name)
		}
		out.Emotions = append(out.Emotions, bot.Emotion{Name: e.Name, Strength: min(max(e.Strength, 0), 1)})
	}
	if len(out.Emotions) == 0 || g.Intensity == nil || g.Risk < 0 || g.Risk > int(bot.R3) {
		return errors.New("emotions, intensity or risk are missing")
	}
	slices.SortStableFunc(out.Emotions, func(a, b bot.Emotion) int { return cmp.Compare(b.Strength, a.Strength) })
	out.Intensity, out.Risk = min(max(*g.Intensity, 0), 1), bot.Risk(g.Risk)
	out.Valence, out.Arousal = emotion.Gauge(out.Emotions)
	return nil
}

// Recognize reads with the first, and with the second where that may help.
func (c Cascade) Recognize(ctx context.Context, m bot.Message, s *bot.Session) (bot.Reading, error) {
	first, err := c.First.Recognize(ctx, m, s)
	sure := c.Sure
	if sure == 0 {
		sure = .65
	}
	if err != nil || first.Confidence >= sure || first.Risk > bot.R0 || m.Signals.NoTone || strings.TrimSpace(m.Text) == "" {
		return first, err
	}
	within := c.Within
	if within == 0 {
		within = opinionWithin
	}
	short, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	second, err := c.Second.Recognize(short, m, s)
	if err != nil {
		return first, nil //nolint:nilerr // the first has read it; the failure is counted where it happened
	}
	return merge(first, second), nil
}

// merge joins two opinions: the feelings of the second, everything else of the
// first. Where they agree both are surer; where they do not, the reply describes
// the situation and names no feeling (care model 3.2). These confidences are
// defaults, not calibrated.
func merge(first, second bot.Reading) bot.Reading {
	out := first
	agree := emotion.Group(first.Top()) == emotion.Group(second.Top())
	out.Emotions, out.Valence, out.Arousal = second.Emotions, second.Valence, second.Arousal
	out.Intensity = (first.Intensity + second.Intensity) / 2
	out.Risk = max(first.Risk, second.Risk)
	out.Confidence = max(first.Confidence, .5)
	if agree {
		out.Confidence = max(first.Confidence, .7)
	}
	out.Evidence = append(slices.Clone(first.Evidence), bot.Span{Start: -1, End: -1, Text: "second opinion", Kind: "model", Says: second.Top(), Value: second.Emotions[0].Strength})
	return out
}

// An Appraiser tells what happened, with the models for [Appraise] where the
// embedded rules find nothing.
type Appraiser struct {
	Models *Models
	Reader appraise.Reader // reads first
}

// appraiseMin is how long a message must be to tell of something, in letters.
const appraiseMin = 16

// Read appraises a message. Its signature is that of flows.Care.Appraise.
func (a Appraiser) Read(m bot.Message, r bot.Reading, s *bot.Session) bot.Case {
	c := a.Reader.Read(m, r, s)
	if c.Event != "" || r.Risk > bot.R0 || len([]rune(m.Text)) < appraiseMin || len(c.Questions) > 0 || !slices.Contains([]string{"complaint", "confusion", "vulnerable"}, emotion.Group(r.Top())) {
		return c
	}
	ctx, cancel := context.WithTimeout(context.Background(), opinionWithin)
	defer cancel()
	events := appraise.Events()
	v := opinionView{Marker: a.Models.prompts.marker(), Message: clean(m.Text, messageMax), Events: strings.Join(events, ", ")}
	var hidden redact.Map
	_, system, data, err := a.Models.prompts.render(bot.Language(m, r.Lang), Appraise, v, &hidden)
	if err != nil {
		return c
	}
	var got struct{ Event, Noun string }
	_, err = a.Models.Ask(ctx, Query{Purpose: Appraise, Conversation: m.From.String(), System: system, User: data, Into: func(text string) error {
		if err := decode(text, &got); err != nil {
			return err
		}
		if got.Event != "" && !slices.Contains(events, got.Event) {
			return fmt.Errorf("%q is no event", got.Event)
		}
		return nil
	}})
	if err != nil || got.Event == "" {
		return c
	}
	c = a.Reader.ReadAs(m, r, s, got.Event)
	if noun, err := hidden.Restore(got.Noun); err == nil && c.Noun == "" && noun != "" && strings.Contains(m.Text, noun) && len([]rune(noun)) <= 30 {
		c.Noun = noun // the customer's own word, or none
	}
	return c
}
