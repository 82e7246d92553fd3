package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/terminal"
	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/baseline"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// recognizeOptions are the flags of onki recognize.
type recognizeOptions struct {
	from, to, column, lang, labels, depth, compare string
}

func newRecognize(s streams) *cobra.Command {
	var o recognizeOptions
	c := &cobra.Command{
		Use: "recognize [FILE]", Short: "read feelings from lines, CSV or JSONL", Args: cobra.MaximumNArgs(1),
		Long: `Read feelings from reviews, call transcripts, chat logs or posts: one text per
line, a CSV with a text column, or JSON objects with a "text". Readings are
written in the order of the input, as JSONL or CSV.

With --labels it writes {"labels":[…], "scores":{name: 0..1}} in the label
space of a public set (goemotions, kote) or Onki's own (care).`,
		Example: "  onki recognize reviews.txt > readings.jsonl\n  onki recognize --to csv --column review shop.csv > readings.csv\n  onki recognize --labels kote < comments.txt",
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			in, size, err := openInput(args, s)
			if err != nil {
				return err
			}
			defer in.Close()
			if o.from == "" && len(args) > 0 {
				o.from = map[string]string{".csv": "csv", ".jsonl": "jsonl", ".txt": "lines"}[strings.ToLower(filepath.Ext(args[0]))]
			}
			return recognize(c.Context(), o, in, size, s)
		},
	}
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "form of the input: lines, csv or jsonl; told from the file's name, else lines, where a JSON object is read as one")
	f.StringVar(&o.to, "to", "jsonl", "form of the output: jsonl or csv")
	f.StringVar(&o.column, "column", "text", "column of a CSV that holds the text")
	f.StringVar(&o.lang, "lang", "", "ko or en; told from each text if left out")
	f.StringVar(&o.labels, "labels", "", "label space: goemotions, kote or care")
	f.StringVar(&o.depth, "depth", "", "fast or full: full also asks the network, which is slower and pays for goemotions; if left out, what suits the labels")
	f.StringVar(&o.compare, "compare", "", "also write what simple readers of polarity say, to compare: "+strings.Join(baseline.Names(), ", ")+" (vader knows English only)")
	return c
}

func (o recognizeOptions) check() error {
	one := func(flag, value string, allowed ...string) error {
		if !slices.Contains(allowed, value) {
			return usagef("--%s %q: want %s", flag, value, strings.Join(allowed, ", "))
		}
		return nil
	}
	return errors.Join(
		one("from", o.from, "", "lines", "csv", "jsonl"), one("to", o.to, "jsonl", "csv"),
		o.checkCompare(), one("lang", o.lang, "", "ko", "en"), one("labels", o.labels, "", "goemotions", "kote", "care"), one("depth", o.depth, "", "fast", "full"),
	)
}

func (o recognizeOptions) checkCompare() error {
	if o.compare != "" && (o.labels != "" || o.to == "csv") {
		return usagef("--compare writes into whole readings as JSONL: leave --labels and --to csv out")
	}
	if _, err := baseline.Parse(o.compare); err != nil {
		return usagef("--compare: %v", err)
	}
	return nil
}

// openInput opens the named file, or standard input. The size is −1 when it is
// not known.
func openInput(args []string, s streams) (io.ReadCloser, int64, error) {
	if len(args) == 0 || args[0] == "-" {
		return io.NopCloser(s.in), -1, nil
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		f.Close()
		return nil, 0, fmt.Errorf("%s is not a file", args[0])
	}
	return f, info.Size(), nil
}

// recognize reads text after text and writes what was heard.
func recognize(ctx context.Context, o recognizeOptions, in io.Reader, size int64, s streams) error {
	if isTerminal(s.err) && !isTerminal(s.out) {
		bar := progressbar.DefaultBytes(size, "recognize")
		defer bar.Close()
		in = io.TeeReader(in, bar)
	}
	w := bufio.NewWriterSize(s.out, 64<<10)
	out, err := newReadingWriter(o, w)
	if err != nil {
		return err
	}
	read := texts(o, in)
	for n := 1; ctx.Err() == nil; n++ {
		line, err := read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = out(ctx, line)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("text %d: %w", n, err), w.Flush())
		}
	}
	return errors.Join(ctx.Err(), w.Flush())
}

// texts returns a function that reads the next text.
func texts(o recognizeOptions, in io.Reader) func() (terminal.Line, error) {
	if o.from == "csv" {
		return csvTexts(o, in)
	}
	lines := bufio.NewReaderSize(in, 64<<10)
	return func() (terminal.Line, error) {
		text, err := lines.ReadString('\n')
		if err != nil && (text == "" || !errors.Is(err, io.EOF)) {
			return terminal.Line{}, err
		}
		text = strings.TrimRight(text, "\r\n")
		if o.from == "lines" {
			return terminal.Line{Text: text}, nil
		}
		return looseLine(text, o.from == "jsonl")
	}
}

// looseLine reads a JSON object that holds a "text" among anything else, as
// logs and exports do; other lines are text unless every line must be JSON.
func looseLine(text string, strict bool) (terminal.Line, error) {
	var l struct{ Text, Lang *string }
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if err := json.Unmarshal([]byte(text), &l); err == nil && l.Text != nil {
			out := terminal.Line{Text: *l.Text}
			if l.Lang != nil {
				out.Lang = *l.Lang
			}
			return out, nil
		}
	}
	if strict {
		return terminal.Line{}, errors.New(`want a JSON object with a "text"`)
	}
	return terminal.Line{Text: text}, nil
}

// csvTexts reads the text column of a CSV.
func csvTexts(o recognizeOptions, in io.Reader) func() (terminal.Line, error) {
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1
	column := -1
	return func() (terminal.Line, error) {
		if column < 0 {
			head, err := rows.Read()
			if err != nil {
				return terminal.Line{}, err
			}
			head[0] = strings.TrimPrefix(head[0], "\ufeff")
			if column = slices.Index(head, o.column); column < 0 {
				return terminal.Line{}, fmt.Errorf("line 1: no column %q among %s: name it with --column", o.column, strings.Join(head, ", "))
			}
		}
		row, err := rows.Read()
		if err != nil {
			return terminal.Line{}, err
		}
		if column >= len(row) {
			line, _ := rows.FieldPos(0)
			return terminal.Line{}, fmt.Errorf("line %d has %d columns and none for %q", line, len(row), o.column)
		}
		return terminal.Line{Text: row[column]}, nil
	}
}

// newReadingWriter returns a function that recognizes a text and writes it.
func newReadingWriter(o recognizeOptions, w io.Writer) (func(context.Context, terminal.Line) error, error) {
	depth := model.Fast
	if o.depth == "full" || o.depth == "" && o.labels == "goemotions" {
		depth = model.Full
	}
	if o.labels != "" {
		return labelWriter(o, depth, w)
	}
	r := emotion.New(emotion.Options{Depth: depth})
	if err := r.Check(); err != nil {
		return nil, err
	}
	readers, err := baseline.Parse(o.compare)
	if err != nil {
		return nil, err
	}
	emit := jsonReadings(w, readers)
	if o.to == "csv" {
		emit = csvReadings(w)
	}
	now := time.Now()
	return func(ctx context.Context, l terminal.Line) error {
		m := bot.Message{Text: bot.CleanText(l.Text), Lang: cmp.Or(l.Lang, o.lang), Time: now}
		got, err := r.Recognize(ctx, m, nil)
		if err != nil {
			return err
		}
		return emit(l.Text, got)
	}, nil
}

// polarity is what a baseline says of a text.
type polarity struct {
	Polarity string  `json:"polarity"`
	Score    float64 `json:"score"` // −1..1
}

func jsonReadings(w io.Writer, readers []*baseline.Baseline) func(string, bot.Reading) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return func(text string, r bot.Reading) error {
		line := struct {
			Text    string              `json:"text"`
			Reading bot.Reading         `json:"reading"`
			Compare map[string]polarity `json:"compare,omitempty"`
		}{Text: text, Reading: r}
		for _, b := range readers {
			if line.Compare == nil {
				line.Compare = make(map[string]polarity, len(readers))
			}
			p, score := b.Read(text)
			line.Compare[b.Name] = polarity{p, score}
		}
		return out.Encode(line)
	}
}

func csvReadings(w io.Writer) func(string, bot.Reading) error {
	out := csv.NewWriter(w)
	head := false
	return func(text string, r bot.Reading) error {
		if !head {
			head = true
			_ = out.Write([]string{"text", "lang", "emotion", "strength", "second", "valence", "arousal", "intensity", "confidence", "risk", "flags"})
		}
		second := ""
		if len(r.Emotions) > 1 {
			second = r.Emotions[1].Name
		}
		f := func(v float64) string { return fmt.Sprintf("%.3f", v) }
		_ = out.Write([]string{safeCell(text), r.Lang, r.Top(), f(r.Strength(r.Top())), second, f(r.Valence), f(r.Arousal), f(r.Intensity), f(r.Confidence), r.Risk.String(), strings.Join(r.Flags, " ")})
		out.Flush()
		return out.Error()
	}
}

// safeCell keeps a spreadsheet from running a customer's text as a formula
// (OWASP ASVS 5.0, 1.2.10).
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
