package emotion

import (
	"context"
	"fmt"
	"sync"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/danger"
	"github.com/onkihq/onki/flows/emotion/model"
)

// A Scorer is a trained model that reads a text into probabilities. It is safe
// for concurrent use with different scores. *model.Model is one.
type Scorer interface {
	Score(lang, text string, depth model.Depth, s *model.Scores)
}

// Options choose what a Recognizer works with. The zero value uses the rules
// and the model that are part of the program.
type Options struct {
	Rules   *cues.Set   // nil: cues.Default
	Model   Scorer      // nil: the embedded model, unless NoModel is set
	NoModel bool        // rules alone, also for danger to a person
	Depth   model.Depth // model.Fast for bulk work, model.Full for live turns
	Fusion  *Fusion     // nil: the weights that were fitted with the embedded model
}

// A Recognizer reads what customers feel. It is safe for concurrent use.
type Recognizer struct {
	rules  *cues.Set
	model  Scorer
	danger *danger.Reader // nil: the rules alone hear danger
	depth  model.Depth
	fusion fused
	pools  map[string]*sync.Pool // working memory by language: it is laid out for one language's network
	err    error                 // why it cannot work; every Recognize returns it
}

// New returns a Recognizer. If the embedded rules or the embedded model cannot
// be read, every Recognize returns the error; Check returns it at once.
func New(o Options) *Recognizer {
	r := &Recognizer{rules: o.Rules, model: o.Model, depth: o.Depth}
	if o.Fusion != nil {
		r.fusion, r.err = o.Fusion.places()
	} else {
		r.fusion, r.err = fitted()
	}
	if r.err != nil {
		return r
	}
	r.pools = map[string]*sync.Pool{"ko": {New: func() any { return new(model.Scores) }}, "en": {New: func() any { return new(model.Scores) }}}
	if r.rules == nil {
		if r.rules, r.err = cues.Default(); r.err != nil {
			return r
		}
	}
	if !o.NoModel {
		if r.danger, r.err = danger.Load(); r.err != nil {
			return r
		}
	}
	if r.model == nil && !o.NoModel {
		m, err := model.Load()
		if err != nil {
			r.err = fmt.Errorf("recognize: %w", err)
			return r
		}
		r.model = m
	}
	return r
}

// Check returns why the Recognizer cannot work, or nil.
func (r *Recognizer) Check() error { return r.err }

// Recognize reads one message in the light of the conversation so far; s may
// be nil. Empty text gives a neutral reading of low confidence. When the
// customer has switched the analysis of tone off, the reading is neutral and
// holds only what does not rest on tone: the risk tier and what the message
// asks or does.
func (r *Recognizer) Recognize(ctx context.Context, m bot.Message, s *bot.Session) (bot.Reading, error) {
	if r.err != nil {
		return bot.Reading{}, r.err
	}
	if err := ctx.Err(); err != nil {
		return bot.Reading{}, fmt.Errorf("recognize: %w", err)
	}
	if s == nil {
		s = &bot.Session{}
	}
	w := r.listen(m, s)
	if m.Signals.NoTone {
		return w.withoutTone(), nil
	}
	r.ask(w)
	return w.read(), nil
}

// listen lets the rules read a message.
func (r *Recognizer) listen(m bot.Message, s *bot.Session) *work {
	w := &work{message: m, session: s, text: clip(m.Text), lang: language(m, s), fusion: &r.fusion, danger: r.danger}
	w.page = r.rules.Read(w.text)
	return w
}

// ask lets the trained model read it, and once more without the parts that do
// not say what the writer feels now.
func (r *Recognizer) ask(w *work) {
	if r.model == nil || w.page.Style.Wordless() {
		return
	}
	pool := r.pools[w.lang]
	scores := pool.Get().(*model.Scores)
	defer pool.Put(scores)
	r.model.Score(w.lang, w.text, r.depth, scores)
	w.modeled, w.trained, w.known = true, probabilities(scores), float64(scores.Known)
	rest := w.page.Rest(w.text)
	if rest == "" {
		return
	}
	r.model.Score(w.lang, rest, r.depth, scores)
	w.rest, w.resting = probabilities(scores), true
	for _, p := range w.page.Parts {
		w.apart[turns[p.Why]] = true
	}
}

func probabilities(s *model.Scores) (out [labels]float64) {
	for i := range out {
		out[i] = float64(s.Care[i])
	}
	return out
}

// work is one message being read.
type work struct {
	message bot.Message
	session *bot.Session
	text    string
	lang    string
	page    cues.Page
	fusion  *fused
	danger  *danger.Reader

	modeled bool               // the trained model has spoken
	trained [labels]float64    // its calibrated probabilities
	known   float64            // share of the text it knows, 0..1
	rest    [labels]float64    // its probabilities without the parts set apart
	apart   [3]bool            // why there are such parts: see turns
	resting bool               // there are such parts
	lexicon [labels]float64    // feeling words
	denied  [3][labels]float64 // feelings named only to be negated, over, or somebody else's: see turns
	facts   [labels]float64    // appraisal rules
	style   [labels]float64    // marks and emoji in their surroundings
	history [labels]float64    // the conversation so far
	fused   [labels]float64    // all together, 0..1 each

	negated  bool // a bad feeling is named only to be denied
	turned   bool // a feeling is negated or over, so that the trained model is believed less
	borrowed bool // a feeling is somebody else's, or quoted

	evidence []bot.Span
	flags    []string
	sarcasm  float64 // 0..1: how likely the words mean their opposite
}

// gather brings the evidence together.
func (w *work) gather() {
	w.readWords()
	w.readFacts()
	w.readStyle()
	w.readSarcasm()
	w.readHistory()
}

// read fuses the evidence.
func (w *work) read() bot.Reading {
	w.gather()
	w.fuse()
	w.readFlags()
	intensity := w.intensity()
	v, a := w.gauge()
	out := bot.Reading{
		Emotions: w.emotions(), Valence: v, Arousal: a, Intensity: intensity,
		Lang: w.lang,
	}
	out.Risk, out.Danger = w.risk()
	if mixed(out.Emotions) {
		w.flag("mixed")
	}
	out.Confidence = w.confidence(out.Emotions)
	out.Flags, out.Evidence = w.flags, w.evidence
	return out
}

// textMax is how much of a text is read, in bytes: the beginning and the end,
// because people put the point first or last.
const textMax = 24 << 10

func clip(text string) string {
	if len(text) <= textMax {
		return text
	}
	end := textMax
	for end > 0 && text[end]&0xc0 == 0x80 {
		end--
	}
	return text[:end]
}

// language is that of the message: what the channel says, or the script, or
// for text without letters the language of the conversation.
func language(m bot.Message, s *bot.Session) string {
	hangul, latin := 0, 0
	for i, r := range m.Text {
		if i > 4096 {
			break
		}
		switch {
		case r >= 0xac00 && r <= 0xd7a3, r >= 0x3131 && r <= 0x318e:
			hangul++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			latin++
		}
	}
	switch {
	case hangul*3 >= latin && hangul > 0:
		return "ko"
	case latin > 0:
		return "en"
	case m.Lang == "ko" || m.Lang == "en":
		return m.Lang
	case s.Lang == "ko" || s.Lang == "en":
		return s.Lang
	}
	return "en"
}
