package knowledge

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// An Index keeps passages and finds them by their terms. Package knowledgetest
// holds its promises as tests. Any number of goroutines may use one Index.
type Index interface {
	// Change puts entries, replacing those with the same passage ID, and
	// removes others by ID; removing what is not there is no error. After nil
	// every later Search sees all of it. After an error some of it may be
	// done, and doing it again is right. Searches go on meanwhile.
	Change(ctx context.Context, put []Entry, remove []string) error

	// Search returns the entries that fit the probe best, best first.
	Search(ctx context.Context, p Probe) ([]Hit, error)

	// All yields every entry in any order, without its terms.
	All(ctx context.Context) iter.Seq2[Entry, error]
}

// An Entry is a passage as an index keeps it.
type Entry struct {
	Passage bot.Passage
	Hash    string       // changes when the content does; an import skips what has the same
	Title   []words.Term // of the title and question
	Body    []words.Term // of the text
	Vector  []float32    // of the embedder, if there is one
}

// A Probe is a question as an index sees it.
type Probe struct {
	Terms  []Weighted
	Vector []float32 // searched too where entries have one
	Filter Filter
	N      int // how many hits at most
}

// A Weighted is a term with how much it counts. The index multiplies it by how
// rare the term is.
type Weighted struct {
	Term   words.Term
	Weight float64
}

// A Filter says which passages may be found. The zero value accepts all.
type Filter struct {
	Lang      string    // "" accepts all
	Audiences []string  // empty accepts all
	At        time.Time // passages must be valid then; zero accepts all
}

// Accepts reports whether the filter lets the passage through.
func (f Filter) Accepts(p *bot.Passage) bool {
	if f.Lang != "" && p.Lang != f.Lang {
		return false
	}
	if len(f.Audiences) > 0 && !slices.Contains(f.Audiences, p.Audience) {
		return false
	}
	return f.At.IsZero() || (p.From.IsZero() || !f.At.Before(p.From)) && (p.Until.IsZero() || !f.At.After(p.Until))
}

// A Hit is an entry that was found. Scores of one search can be compared with
// each other, and with nothing else.
type Hit struct {
	Passage bot.Passage
	Score   float64
	Cosine  float64 // of its vector and the probe's; 0 when one of them has none
}

// A Counter is an Index that knows how often terms occur in it. A Base over an
// Index that is none counts for itself when it starts.
type Counter interface {
	// Len returns the number of entries.
	Len() int
	// Count returns how many entries hold the term.
	Count(t words.Term) int
	// Near returns words in the index that differ from word by one typing
	// error, at most n.
	Near(word string, n int) []string
}
