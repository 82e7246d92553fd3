package flowstest

import (
	"context"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// Echo is a Writer whose words can be read backwards: the moment and what it
// was bound to, such as "[acknowledge.fact 딸 생일 선물 · 내일이 딸 생일]".
type Echo struct{}

// Write returns the moment and what the plan binds it to.
func (Echo) Write(_ context.Context, moment string, t *bot.Turn) (string, error) {
	bound := strings.Trim(t.Plan.Acknowledge.Fact+" · "+t.Plan.Acknowledge.Why, " ·")
	if bound == "" || !strings.HasPrefix(moment, "acknowledge.") {
		return "[" + moment + "]", nil
	}
	return "[" + moment + " " + bound + "]", nil
}

// Readings is a Recognizer that knows the messages it was told and reads
// everything else as neutral.
type Readings map[string]bot.Reading

// Recognize returns the reading it was told for the text.
func (r Readings) Recognize(_ context.Context, m bot.Message, _ *bot.Session) (bot.Reading, error) {
	if got, ok := r[m.Text]; ok {
		return got, nil
	}
	return bot.Reading{Emotions: []bot.Emotion{{Name: "neutral", Strength: 1}}, Confidence: .9}, nil
}

// Shelf is a Library that finds every passage which shares a word of at least
// two letters with the question.
type Shelf []bot.Passage

// Search returns the passages that share a word with the question.
func (s Shelf) Search(_ context.Context, q flows.Question, n int) ([]bot.Passage, error) {
	var found []bot.Passage
	for _, p := range s {
		words := strings.Fields(p.Title + " " + p.Text)
		if slices.ContainsFunc(strings.Fields(q.Text), func(w string) bool { return len(w) > 2 && slices.Contains(words, w) }) && len(found) < n {
			p.Score = 1
			found = append(found, p)
		}
	}
	return found, nil
}
