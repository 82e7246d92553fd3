package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/brands"
	"github.com/onkihq/onki/flows/llm"
	"github.com/onkihq/onki/flows/measure"
	"github.com/spf13/cobra"
)

// phrasesOnly names the configuration without a model.
const phrasesOnly = "phrases"

type careOptions struct {
	brands                     []string
	scenarios                  string
	model, key, judge, compare string
	html, record, replay       string
	asJSON, verbose            bool
}

func newEvalCare(s streams) *cobra.Command {
	var o careOptions
	c := &cobra.Command{
		Use: "care", Short: "play conversations and measure how well they keep the rules of care", Args: cobra.NoArgs,
		Long: `Play the talk files of brands, and scenario files in the same form, and print how
often each rule of care held. No model is needed. With --model the replies are
worded by one; --compare sets another beside it ("phrases" is none), and with
--judge a model says of each pair which a customer would rather receive, blind,
in both orders, with planted bad answers that it has to see.`,
		Example: "  onki eval care\n  onki eval care --brand ./mybrand --verbose\n  onki eval care --model ollama:qwen3:8b --compare phrases --html care.html",
		RunE:    func(c *cobra.Command, _ []string) error { return evalCare(c.Context(), o, s) },
	}
	f := c.Flags()
	f.StringSliceVar(&o.brands, "brand", brands.Names(), "brands whose talk files are played")
	f.StringVar(&o.scenarios, "scenarios", "", "folder with further talk files, played with each brand")
	f.StringVar(&o.model, "model", "", "language model that words the replies (docs/models.md); none without it")
	f.StringVar(&o.compare, "compare", "", `what to set beside it: another model, or "phrases"`)
	f.StringVar(&o.judge, "judge", "", "language model that judges; best one of another family")
	f.StringVar(&o.key, "model-key", "", "where the models' key is: env:NAME or file:PATH")
	f.StringVar(&o.html, "html", "", "write every conversation, side by side, to this file")
	f.StringVar(&o.record, "record", "", "write down what the models answer, without personal data")
	f.StringVar(&o.replay, "replay", "", "answer from such a file and ask nobody")
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print every rule that was broken")
	return c
}

// A careRun is what came of one configuration.
type careRun struct {
	Config string         `json:"config"`
	Result measure.Result `json:"result"`
	Calls  map[string]int `json:"calls,omitempty"` // of the models, by outcome
	Tokens int            `json:"tokens,omitempty"`

	talks []measure.Conversation
}

// careReport is everything that is printed.
type careReport struct {
	Runs     []*careRun `json:"runs"`
	Judgment *judgment  `json:"judgment,omitempty"`
}

func evalCare(ctx context.Context, o careOptions, s streams) error {
	wire, done, err := o.wire()
	if err != nil {
		return err
	}
	defer done()
	configs := []string{cmp.Or(o.model, phrasesOnly)}
	if o.compare != "" {
		configs = append(configs, o.compare)
	}
	var report careReport
	for _, config := range configs {
		run, err := o.run(ctx, config, wire)
		if err != nil {
			return err
		}
		report.Runs = append(report.Runs, run)
	}
	if o.judge != "" && len(report.Runs) == 2 {
		m, err := llm.New(llm.Options{Models: []llm.Spec{{Use: o.judge, Key: o.key, For: []string{llm.Judge}}}, Wire: wire, Marker: evalMarker})
		if err != nil {
			return usageError{err}
		}
		report.Judgment = judge(ctx, llm.Bench{Models: m}, report.Runs[0].talks, report.Runs[1].talks)
	}
	if o.html != "" {
		if err := report.writeHTML(o.html); err != nil {
			return err
		}
		fmt.Fprintln(s.err, "every conversation is in", o.html)
	}
	if o.asJSON {
		return printJSON(s, report)
	}
	report.print(s, o.verbose)
	return nil
}

// evalMarker is fixed, so that a recording can be replayed.
func evalMarker() string { return "EVALUATION" }

// wire is the network, a recorder in front of it, or a recording.
func (o careOptions) wire() (wire http.RoundTripper, done func(), err error) {
	switch {
	case o.replay != "":
		r, err := llm.ReadReplay(o.replay)
		if err != nil {
			return nil, nil, err
		}
		return r, func() {}, nil
	case o.record != "":
		f, err := os.OpenFile(o.record, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("record: %w", err)
		}
		return llm.NewRecorder(f), func() { _ = f.Close() }, nil // each line was written when it was recorded
	}
	return nil, func() {}, nil
}

// run plays everything with one configuration.
func (o careOptions) run(ctx context.Context, config string, wire http.RoundTripper) (*careRun, error) {
	run := &careRun{Config: config, Calls: make(map[string]int)}
	var counting sync.Mutex // the words and the brief ask a model at the same time
	for _, name := range o.brands {
		b, err := openBrand(ctx, name)
		if err != nil {
			return nil, err
		}
		if config != phrasesOnly {
			cfg := defaults()
			cfg.Model, cfg.ModelKey = config, o.key
			if err := b.useModelsOver(cfg, wire, evalMarker, func(c llm.Call) {
				counting.Lock()
				defer counting.Unlock()
				run.Calls[c.Outcome]++
				run.Tokens += c.In + c.Out
			}); err != nil {
				return nil, usageError{err}
			}
		}
		if err := run.play(ctx, b, name, b.fs); err != nil {
			return nil, err
		}
		if o.scenarios == "" {
			continue
		}
		if err := run.play(ctx, b, name, scenarioFS(o.scenarios)); err != nil {
			return nil, err
		}
	}
	run.Result = measure.Measure(run.talks)
	return run, nil
}

// scenarioFS shows a folder of talk files as a brand has them.
func scenarioFS(dir string) fs.FS { return scenarioFolder{os.DirFS(dir)} }

type scenarioFolder struct{ fs.FS }

// Open finds talks/NAME as NAME.
func (s scenarioFolder) Open(name string) (fs.File, error) {
	return s.FS.Open(cmp.Or(strings.TrimPrefix(strings.TrimPrefix(name, "talks"), "/"), "."))
}

// play holds the conversations of a folder. What a talk expects to the letter is
// for onki test; here the rules count.
func (run *careRun) play(ctx context.Context, b *brand, name string, fsys fs.FS) error {
	files, err := talkFiles(fsys)
	if err != nil {
		return err
	}
	for _, file := range files {
		res, err := playTalkOf(ctx, b, fsys, file)
		if err != nil {
			return err
		}
		run.talks = append(run.talks, measure.Conversation{Name: path.Join(name, file), Entries: res.Entries, Care: b.care})
	}
	return nil
}

// print writes the tables.
func (r careReport) print(s streams, verbose bool) {
	out := s.out
	fmt.Fprintf(out, "%-24s", "rule")
	for _, run := range r.Runs {
		fmt.Fprintf(out, "  %22.22s", run.Config)
	}
	fmt.Fprintln(out)
	for i, rule := range measure.Rules() {
		fmt.Fprintf(out, "%-24s", rule.Name)
		for _, run := range r.Runs {
			x := run.Result.Scores[i]
			fmt.Fprintf(out, "  %6.1f %% of %4d turns", 100*x.Share(), x.Applied)
		}
		fmt.Fprintln(out)
	}
	for _, line := range []struct {
		name string
		of   func(*careRun) string
	}{
		{"conversations, turns", func(x *careRun) string { return fmt.Sprintf("%d, %d", x.Result.Talks, x.Result.Turns) }},
		{"letters in a reply", func(x *careRun) string { return fmt.Sprintf("%.0f", x.Result.Letters) }},
		{"taken up, by chance", func(x *careRun) string { return fmt.Sprintf("%.3f, %.3f", x.Result.Overlap, x.Result.Random) }},
		{"heated, calmed, turns", func(x *careRun) string {
			return fmt.Sprintf("%d, %d, %.1f", x.Result.Stirred, x.Result.Calmed, x.Result.CalmIn)
		}},
		{"relapses, sympathy only", func(x *careRun) string { return fmt.Sprintf("%d, %d in a row", x.Result.Relapses, x.Result.Streak) }},
		{"variety, bits", func(x *careRun) string { return fmt.Sprintf("%.2f", x.Result.Entropy) }},
		{"refused, as drafted", func(x *careRun) string { return fmt.Sprintf("%d, %d turns", x.Result.Refused, x.Result.Degraded) }},
		{"calls, tokens", func(x *careRun) string { return fmt.Sprintf("%v, %d", x.Calls, x.Tokens) }},
	} {
		fmt.Fprintf(out, "%-24s", line.name)
		for _, run := range r.Runs {
			fmt.Fprintf(out, "  %22.22s", line.of(run))
		}
		fmt.Fprintln(out)
	}
	if r.Judgment != nil {
		r.Judgment.print(out)
	}
	if !verbose {
		return
	}
	for _, run := range r.Runs {
		for _, b := range run.Result.Breaches {
			fmt.Fprintf(out, "%s: %s, turn %d: %s: %s\n", run.Config, b.Talk, b.Turn, b.Rule, strings.ReplaceAll(b.What, "\n", " "))
		}
	}
}

// said is a reply as a customer reads it.
func said(e bot.Entry) string { return e.Reply.Text() }
