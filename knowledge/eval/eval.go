// Package eval measures the search of package knowledge, side by side with
// what everybody could do: plain BM25, nearest neighbours by TF-IDF, dense
// vectors that need no download, and the fusion of BM25 with them.
//
// Three kinds of sets are measured. Data sets of question–answer pairs, from a
// folder that the caller has: BANKING77 (banking77/train.tsv) and Korean
// everyday questions (korean-chatbot-qa/all.tsv); a part of the questions is
// kept back and asked. Three small brands with Korean and English questions,
// with and without an answer, which come with this package: that is the size
// and the kind of knowledge a real brand has. And further brands in a folder.
package eval

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
)

//go:embed sets
var sets embed.FS

// A Result is what one method reached on one set. Shares are 0..1.
type Result struct {
	Set        string  `json:"set"`
	Method     string  `json:"method"`
	Questions  int     `json:"questions"`            // with an answer
	First      float64 `json:"first"`                // the right answer first, refusals count as wrong
	Five       float64 `json:"five"`                 // the right answer among the first five
	Refused    float64 `json:"refused"`              // said not to know, and there was an answer
	None       int     `json:"none,omitempty"`       // questions without an answer
	Recognized float64 `json:"recognized,omitempty"` // of them: said not to know
	Learn      float64 `json:"learn_s"`              // seconds to take in the passages
	Ask        float64 `json:"ask_ms"`               // milliseconds per question
}

// A Report is all results of one run.
type Report struct {
	Results []Result `json:"results"`
	Skipped []string `json:"skipped,omitempty"` // data sets that are not there
}

// String returns the report as a table.
func (r Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "set\tmethod\tasked\tright first\tin five\trefused\twithout answer\trecognized\tlearn s\task ms\t")
	for _, x := range r.Results {
		none, recognized := "", ""
		if x.None > 0 {
			none, recognized = fmt.Sprint(x.None), fmt.Sprintf("%.3f", x.Recognized)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.3f\t%.3f\t%.3f\t%s\t%s\t%.2f\t%.2f\t\n",
			x.Set, x.Method, x.Questions, x.First, x.Five, x.Refused, none, recognized, x.Learn, x.Ask)
	}
	w.Flush()
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "not measured: %s\n", s)
	}
	return b.String()
}

// An asked is a question with a test for the right passage.
type asked struct {
	text, lang string
	right      func(p *bot.Passage) bool // nil when there is no answer
}

// A set is passages and questions.
type set struct {
	name     string
	passages []bot.Passage
	asked    []asked
}

// A method answers questions about passages.
type method struct {
	name  string
	learn func(ctx context.Context, passages []bot.Passage) (ask func(text, lang string) []bot.Passage, err error)
}

// Run measures every method on every set. dir is the folder with the data
// sets; those that are not there are skipped, and so are all when dir is "".
func Run(ctx context.Context, dir string) (Report, error) {
	var r Report
	var all []set
	for _, load := range []func(string) (set, error){banking, korean} {
		s, err := load(dir)
		if errors.Is(err, fs.ErrNotExist) || dir == "" {
			r.Skipped = append(r.Skipped, s.name)
			continue
		}
		if err != nil {
			return r, err
		}
		all = append(all, s)
	}
	for _, name := range []string{"shop", "air", "net"} {
		sub, err := fs.Sub(sets, "sets/"+name)
		if err != nil {
			return r, err
		}
		for _, lang := range []string{"ko", "en"} {
			s, err := Brand(ctx, sub, name, lang)
			if err != nil {
				return r, err
			}
			all = append(all, s.set)
		}
	}
	for _, s := range all {
		for _, m := range methods() {
			x, err := measure(ctx, s, m)
			if err != nil {
				return r, fmt.Errorf("measure %s on %s: %w", m.name, s.name, err)
			}
			r.Results = append(r.Results, x)
		}
	}
	return r, nil
}

// measure asks one method everything.
func measure(ctx context.Context, s set, m method) (Result, error) {
	x := Result{Set: s.name, Method: m.name}
	start := time.Now()
	ask, err := m.learn(ctx, s.passages)
	if err != nil {
		return x, err
	}
	x.Learn = time.Since(start).Seconds()
	start = time.Now()
	var first, five, refused, recognized int
	for _, q := range s.asked {
		if err := ctx.Err(); err != nil {
			return x, err
		}
		found := ask(q.text, q.lang)
		if q.right == nil {
			x.None++
			if len(found) == 0 {
				recognized++
			}
			continue
		}
		x.Questions++
		if len(found) == 0 {
			refused++
		}
		for i := range found[:min(5, len(found))] {
			if !q.right(&found[i]) {
				continue
			}
			five++
			if i == 0 {
				first++
			}
			break
		}
	}
	x.Ask = time.Since(start).Seconds() * 1000 / float64(max(len(s.asked), 1))
	share := func(n, of int) float64 { return float64(n) / float64(max(of, 1)) }
	x.First, x.Five, x.Refused = share(first, x.Questions), share(five, x.Questions), share(refused, x.Questions)
	x.Recognized = share(recognized, x.None)
	return x, nil
}

// onki is the search path of the product.
func onki(ctx context.Context, passages []bot.Passage) (func(text, lang string) []bot.Passage, error) {
	return product(ctx, passages, knowledge.Options{})
}

func product(ctx context.Context, passages []bot.Passage, o knowledge.Options) (func(text, lang string) []bot.Passage, error) {
	base, err := knowledge.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := base.Add(ctx, passages...); err != nil {
		return nil, err
	}
	return func(text, lang string) []bot.Passage {
		a, err := base.Ask(ctx, knowledge.Query{Text: text, Lang: lang})
		if err != nil {
			return nil
		}
		return a.Passages
	}, nil
}

// pairs makes a set of question–answer rows: every fifth question is asked,
// the others are passages. Answers with fewer than least questions are left
// out, so that every question asked has an answer that is there.
func pairs(name, lang string, rows [][]string, least int) set {
	count := map[string]int{}
	for _, r := range rows {
		count[r[1]]++
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	s := set{name: name}
	seen := map[string]int{}
	for _, r := range rows {
		question, answer := r[0], r[1]
		if count[answer] < least {
			continue
		}
		seen[answer]++
		if seen[answer]%5 == 0 {
			s.asked = append(s.asked, asked{question, lang, func(p *bot.Passage) bool { return p.Answer == answer }})
			continue
		}
		s.passages = append(s.passages, bot.Passage{
			ID: fmt.Sprintf("%s-%d", name, len(s.passages)), Title: question, Question: question, Answer: answer, Text: answer,
			Lang: lang, Audience: "public",
		})
	}
	return s
}

// banking is BANKING77 (Casanueva et al. 2020): 77 intents of bank customers.
func banking(dir string) (set, error) {
	rows, err := readRows(filepath.Join(dir, "banking77", "train.tsv"))
	if err != nil {
		return set{name: "banking77"}, err
	}
	return pairs("banking77", "en", rows, 5), nil
}

// korean is everyday questions whose answers are shared by five and more.
func korean(dir string) (set, error) {
	rows, err := readRows(filepath.Join(dir, "korean-chatbot-qa", "all.tsv"))
	if err != nil {
		return set{name: "korean-chatbot-qa"}, err
	}
	return pairs("korean-chatbot-qa", "ko", rows, 5), nil
}

func readRows(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows [][]string
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		cells := strings.Split(s.Text(), "\t")
		if len(cells) < 2 {
			return nil, fmt.Errorf("%s:%d: no tab; write question, tab, answer", path, n)
		}
		rows = append(rows, cells)
	}
	return rows, s.Err()
}
