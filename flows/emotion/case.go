package emotion

import (
	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/model"
)

// A Case is what a Fusion joins in one message, for those who fit one.
type Case struct {
	Evidence [][]float64 // for each care emotion of the model's labels, by EvidenceNames
	First    int         // the feeling that comes first with the weights that the Recognizer has
	Strength float64     // how strong it is, 0..1
	Sure     []float64   // what speaks for that being right, by SureNames
	Loud     float64     // the intensity of the message, 0..1
}

// Weigh reads one message without a conversation and shows what was weighed.
func (r *Recognizer) Weigh(text string) (Case, error) {
	if r.err != nil {
		return Case{}, r.err
	}
	w := r.listen(bot.Message{Text: text}, &bot.Session{})
	r.ask(w)
	w.gather()
	w.fuse()
	c := Case{Evidence: make([][]float64, model.CareLabels)}
	for e := range c.Evidence {
		x := w.features(e)
		c.Evidence[e] = x[:]
	}
	es := w.emotions()
	c.First, c.Strength = index[es[0].Name], es[0].Strength
	sure := w.signs(es)
	c.Sure, c.Loud = sure[:], w.intensity()
	return c, nil
}
