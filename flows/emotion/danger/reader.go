package danger

import (
	"embed"
	"fmt"
	"sync"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/linear"
)

//go:embed data/*.txt model/*.danger
var files embed.FS

// Kinds are what a danger can be of: thoughts of death, one's own or somebody
// else's, illness and injury, a child in danger, fire with gas and current,
// violence with stalking, and a threat of the writer against others.
var Kinds = []string{"self", "other", "medical", "child", "fire", "violence", "threat"}

// The columns of the weights: the log-odds of at least R1, of at least R2, of
// R3, and then of every kind, given that there is danger.
const (
	columnDoubt = iota
	columnGrave
	columnNow
	columnKinds
)

// Columns names what the weights tell, in order.
func Columns() []string { return append([]string{"R1", "R2", "R3"}, Kinds...) }

// FileKind is what files of danger weights say they are.
const FileKind = "danger"

// The cuts of a file: the probabilities, 0..1, from which a tier is believed.
const (
	CutDoubt = "R1"
	CutGrave = "R2"
	CutNow   = "R3"
	CutCalm  = "calm" // below it the reader is sure that there is no danger
)

// A Verdict is what the reader makes of one message.
type Verdict struct {
	Risk  bot.Risk
	Kind  string  // the likeliest of Kinds; always set
	Grave float64 // probability of R2 or R3, 0..1
	Doubt float64 // probability of R1 or more, 0..1
	Calm  bool    // surely no danger: what only resembles a rule about danger is none
	Parts []Part  // the words that counted most; only when there is a risk
}

// A Part is a piece of the text that counted.
type Part struct {
	Start, End int     // bytes of the text
	Weight     float64 // its share of what spoke for danger, 0..1
}

// A Reader hears danger. It is safe for concurrent use.
type Reader struct {
	concepts *Concepts
	weights  map[string]*linear.Weights // by language
	pool     sync.Pool
}

// New returns a reader with the given weights by language, "ko" and "en".
func New(c *Concepts, weights map[string]*linear.Weights) *Reader {
	r := &Reader{concepts: c, weights: weights}
	r.pool.New = func() any { return &work{out: make([]float64, len(Columns()))} }
	return r
}

// Load returns the reader that is part of the program. It is made on the first
// call; an error names the damaged file.
var Load = sync.OnceValues(func() (*Reader, error) {
	c, err := LoadConcepts()
	if err != nil {
		return nil, err
	}
	all := make(map[string]*linear.Weights)
	for _, lang := range []string{"ko", "en"} {
		name := "model/" + lang + ".danger"
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("danger weights: %w", err)
		}
		if all[lang], err = linear.Unpack(FileKind, name, data); err != nil {
			return nil, fmt.Errorf("danger weights: %w", err)
		}
		if n := len(all[lang].Labels); n != len(Columns()) {
			return nil, fmt.Errorf("danger weights: %s: %d columns where %d are wanted: build it again with make model", name, n, len(Columns()))
		}
	}
	return New(c, all), nil
})

// work is the memory of one reading.
type work struct {
	page page
	seen linear.Seen
	out  []float64
	best []float64
}

// Read reads a message in "ko" or "en". Rules are what the risk rules found in
// it; they are evidence among the rest.
func (r *Reader) Read(lang, text string, rules []cues.Hit) Verdict {
	w := r.weights[lang]
	if w == nil {
		lang, w = "en", r.weights["en"]
	}
	k := r.pool.Get().(*work)
	defer r.pool.Put(k)
	k.page.fill(r.concepts, text, rules)
	var at piece
	k.best = k.best[:0]
	for i, p := range k.page.pieces() {
		if i > 0 && !k.page.touched(p) {
			continue // nothing in it speaks of danger
		}
		k.page.read(lang, p)
		w.Look(k.page.hashes, &k.seen)
		w.Sum(&k.seen, nil, k.out)
		if i == 0 || k.out[columnGrave] > k.best[columnGrave] {
			k.best, at = append(k.best[:0], k.out...), p
		}
	}
	v := verdict(w, k.best)
	if v.Risk > bot.R0 {
		v.Parts = k.explain(w, lang, at, v.Risk)
	}
	return v
}

// verdict turns log-odds into a tier and a kind.
func verdict(w *linear.Weights, x []float64) Verdict {
	v := Verdict{Grave: linear.Logistic(x[columnGrave]), Doubt: linear.Logistic(x[columnDoubt])}
	kind := 0
	for i := range Kinds {
		if x[columnKinds+i] > x[columnKinds+kind] {
			kind = i
		}
	}
	v.Kind = Kinds[kind]
	switch {
	case v.Grave >= w.Cuts[CutGrave] && linear.Logistic(x[columnNow]) >= w.Cuts[CutNow]:
		v.Risk = bot.R3
	case v.Grave >= w.Cuts[CutGrave]:
		v.Risk = bot.R2
	case v.Doubt >= w.Cuts[CutDoubt]:
		v.Risk = bot.R1
	}
	v.Calm = v.Doubt < w.Cuts[CutCalm]
	return v
}
