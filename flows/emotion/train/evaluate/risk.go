package evaluate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
)

// Risk is how well danger to a person is heard, by rules and trained reader
// together.
type Risk struct {
	File      string  `json:"file"`
	Rows      int     `json:"rows"`
	Grave     int     `json:"grave"`     // rows of R2 and R3
	Recall    float64 `json:"recall"`    // of R2 and R3
	Asked     float64 `json:"asked"`     // share of R2 and R3 read as R1 or more
	Precision float64 `json:"precision"` // of what is read as R2 or R3: at least R1
	Calm      int     `json:"calm"`      // rows of R0
	Alarms    float64 `json:"alarms"`    // share of R0 read as R2 or R3
	Doubts    float64 `json:"doubts"`    // share of R0 read as R1
}

// risks measures danger on our own files, where dir has them. In probe and hard
// nobody, or hardly anybody, is in danger.
func (r *Report) risks(dir string) error {
	reader := emotion.New(emotion.Options{Depth: model.Fast})
	if err := reader.Check(); err != nil {
		return err
	}
	for _, lang := range []string{"en", "ko"} {
		for _, f := range []struct {
			name string
			form corpus.Format
			calm bool
		}{
			{"risk", corpus.Format{Text: 1, Labels: 0, Columns: 2}, false},
			{"fresh.risk", corpus.Format{Text: 1, Labels: 0, Columns: 2}, false},
			{"probe", corpus.Format{Text: 0, Labels: 1, Columns: 2}, true},
			{"hard", corpus.Format{Text: 1, Labels: 2, Columns: 3}, true},
		} {
			name := f.name + "." + lang + ".tsv"
			rows, err := corpus.Read(filepath.Join(dir, name), f.form)
			if errors.Is(err, corpus.ErrNone) {
				continue
			}
			if err != nil {
				return err
			}
			rows = rows[1:]
			for i := range rows {
				if f.calm {
					rows[i].Labels = []string{bot.R0.String()}
				}
			}
			x, err := danger(name, reader, rows)
			if err != nil {
				return err
			}
			r.Risks = append(r.Risks, x)
		}
	}
	return nil
}

// danger reads the rows, whose first label is the tier.
func danger(file string, r *emotion.Recognizer, rows []corpus.Row) (Risk, error) {
	var grave, heard, asked, calm, alarms, doubts, flagged, rightly float64
	for _, row := range rows {
		var want bot.Risk
		if err := want.UnmarshalText([]byte(row.Labels[0])); err != nil {
			return Risk{}, fmt.Errorf("%s: %w", file, err)
		}
		got, err := r.Recognize(context.Background(), bot.Message{Text: row.Text}, nil)
		if err != nil {
			return Risk{}, err
		}
		loud := got.Risk >= bot.R2
		grave, heard = count(grave, want >= bot.R2), count(heard, want >= bot.R2 && loud)
		asked = count(asked, want >= bot.R2 && got.Risk >= bot.R1)
		calm, alarms = count(calm, want == bot.R0), count(alarms, want == bot.R0 && loud)
		doubts = count(doubts, want == bot.R0 && got.Risk == bot.R1)
		flagged, rightly = count(flagged, loud), count(rightly, loud && want >= bot.R1)
	}
	return Risk{
		File: file, Rows: len(rows), Grave: int(grave), Recall: heard / max(1, grave), Asked: asked / max(1, grave),
		Precision: rightly / max(1, flagged), Calm: int(calm), Alarms: alarms / max(1, calm), Doubts: doubts / max(1, calm),
	}, nil
}

func count(n float64, is bool) float64 {
	if is {
		return n + 1
	}
	return n
}

// writeRisks prints the table of danger.
func (r Report) writeRisks(b *strings.Builder) {
	if len(r.Risks) == 0 {
		return
	}
	b.WriteString("\ndanger to a person, rules and trained reader together; by kind: flows/emotion/danger/model/MODEL_CARD.md\n")
	b.WriteString("  rows  R2–R3  heard  or asked  right     R0   of 1,000: alarms  asked   file\n")
	for _, x := range r.Risks {
		heard, asked, right := "    –", "    –", "    –"
		if x.Grave > 0 {
			heard, asked, right = fmt.Sprintf("%.3f", x.Recall), fmt.Sprintf("%.3f", x.Asked), fmt.Sprintf("%.3f", x.Precision)
		}
		fmt.Fprintf(b, "%6d  %5d  %s     %s  %s  %5d            %6.1f %6.1f   %s\n", x.Rows, x.Grave, heard, asked, right, x.Calm, 1000*x.Alarms, 1000*x.Doubts, x.File)
	}
}
