package main

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/onkihq/onki/channels/terminal"
	"github.com/onkihq/onki/flows/emotion/model"
)

// bulkWords is how many words the network remembers over many texts.
const bulkWords = 8192

// labelWriter writes decided labels and all scores of one label space.
func labelWriter(o recognizeOptions, depth model.Depth, w io.Writer) (func(context.Context, terminal.Line) error, error) {
	m, err := model.Load()
	if err != nil {
		return nil, err
	}
	space := map[string]model.Space{"goemotions": model.GoEmotions, "kote": model.KOTE, "care": model.Care}[o.labels]
	lang := map[model.Space]string{model.GoEmotions: "en", model.KOTE: "ko"}[space]
	lines, err := newLabelLines(model.Labels(space))
	if err != nil {
		return nil, err
	}
	scores := model.Scores{Words: bulkWords}
	var decided []int
	return func(_ context.Context, l terminal.Line) error {
		m.Score(cmp.Or(lang, l.Lang, o.lang), l.Text, depth, &scores)
		decided = m.DecideIndex(space, &scores, decided[:0])
		values := scores.Set
		if space == model.Care {
			values = scores.Care[:]
		}
		_, err := w.Write(lines.line(decided, values))
		return err
	}, nil
}

// labelLines puts scores into JSON without reflection: it would take as long
// as reading the text.
type labelLines struct {
	names [][]byte // as JSON strings, by label
	order []int    // labels by name
	buf   []byte
}

func newLabelLines(names []string) (*labelLines, error) {
	l := &labelLines{}
	for k, n := range names {
		b, err := json.Marshal(n)
		if err != nil {
			return nil, err
		}
		l.names, l.order = append(l.names, b), append(l.order, k)
	}
	slices.SortFunc(l.order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return l, nil
}

// line is the object of one text with a line break; it holds until the next.
func (l *labelLines) line(decided []int, values []float32) []byte {
	b := append(l.buf[:0], `{"labels":[`...)
	for i, k := range decided {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, l.names[k]...)
	}
	b = append(b, `],"scores":{`...)
	for i, k := range l.order {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, l.names[k]...), ':')
		b = strconv.AppendFloat(b, float64(values[k]), 'g', -1, 32)
	}
	l.buf = append(b, "}}\n"...)
	return l.buf
}
