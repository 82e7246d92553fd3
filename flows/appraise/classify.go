package appraise

import (
	"embed"
	"fmt"
	"sync"

	"github.com/onkihq/onki/flows/emotion/linear"
	"github.com/onkihq/onki/flows/emotion/model"
)

//go:embed model/*.events
var trained embed.FS

// Weights are a linear reader of events in one language: for each event the
// log-odds that a message tells of it, as a sum over the n-grams of the text and
// over the scores of the rules. It is trained by package train from messages
// labelled by hand. A Weights is read-only and may be shared.
type Weights struct {
	*linear.Weights // its labels are events, Nothing among them; its inputs the events that rules score

	readers sync.Pool // of *reader, used again and again
}

type reader struct {
	grams  model.Grams
	seen   linear.Seen
	inputs []float64
}

// Nothing is the label of a message that tells of no event.
const Nothing = "none"

// Kind is what files of event weights say they are.
const Kind = "events"

// Least names the cut from which the likeliest event is believed.
const Least = "least"

// Unpack reads a file of event weights. It refuses damaged files and other
// versions.
func Unpack(name string, data []byte) (*Weights, error) {
	w, err := linear.Unpack(Kind, name, data)
	if err != nil {
		return nil, err
	}
	return &Weights{Weights: w}, nil
}

// Read returns the probability of each event, 0..1, by its place in Labels.
// Rules are the scores that the rules give, by event.
func (w *Weights) Read(lang, text string, rules map[string]float64) []float64 {
	r, ok := w.readers.Get().(*reader)
	if !ok {
		r = &reader{inputs: make([]float64, len(w.Inputs))}
	}
	defer w.readers.Put(r)
	r.grams.Read(text, model.ShapeOf(lang))
	w.Look(r.grams.Hashes, &r.seen)
	for i, name := range w.Inputs {
		r.inputs[i] = min(rules[name], RuleMax)
	}
	out := make([]float64, len(w.Labels))
	w.Sum(&r.seen, r.inputs, out)
	for e, x := range out {
		out[e] = linear.Logistic(x)
	}
	return out
}

// RuleMax bounds a rule score where weights read it: beyond it more matches say
// nothing more.
const RuleMax = 1.5

// loadWeights reads the embedded files, by language.
func loadWeights() (map[string]*Weights, error) {
	all := make(map[string]*Weights)
	for _, lang := range []string{"ko", "en"} {
		name := "model/" + lang + ".events"
		data, err := trained.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("event weights: %w", err)
		}
		if all[lang], err = Unpack(name, data); err != nil {
			return nil, err
		}
	}
	return all, nil
}
