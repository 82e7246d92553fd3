package knowledge

import (
	"context"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/importer"
	"github.com/onkihq/onki/knowledge/words"
)

// Report says what an import did; see [importer.Report].
type Report = importer.Report

// Options say how a Base is made. The zero value is good.
type Options struct {
	Index Index            // where passages are kept; nil means a new Memory
	Read  importer.Options // limits, PDF reader, progress
	Now   func() time.Time // for validity; nil means time.Now

	// Embedder finds passages by what they mean, beside their words; nil does
	// without. Model names it: passages are embedded anew when it changes.
	// Missed is told whenever it fails and words alone have to do; may be nil.
	Embedder Embedder
	Model    string
	Missed   func(error)

	// Trust is how sure meaning alone can make the Base, 0..1. With 0 meaning
	// finds and orders passages, and words decide whether they answer: that is
	// calibrated, and how far an embedder can be trusted with it differs.
	Trust float64

	// Own is the brand's own folder, whose synonyms hold for every source; nil
	// has none. Import takes those of the folder that it reads.
	Own fs.FS

	// Unasked says that the Base only imports: what only questions need is not
	// learned, and Ask knows nothing.
	Unasked bool
}

// A Base is what a brand knows. Any number of goroutines may ask it, also
// while it imports. Make one with [Open] or [Import].
type Base struct {
	index     Index
	read      importer.Options
	clock     func() time.Time
	calibrate *calibration
	unasked   bool
	trust     float64
	vectors   *vectorizer
	mu        sync.Mutex // one import at a time
	now       atomic.Pointer[state]
}

// A state is what a Base has learned from its passages.
type state struct {
	lexicon   *words.Lexicon
	learned   bool // the rest is filled in
	counter   Counter
	hashes    func(uint64) int
	cache     *cache
	troubles  []uint64   // hashes of the aspects of that name
	classes   *classes   // nil when the pairs are too few
	closeness *closeness // nil without vectors
}

// Open makes a Base of what the index holds.
func Open(ctx context.Context, o Options) (*Base, error) {
	b, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := b.renew(ctx, b.now.Load().lexicon); err != nil {
		return nil, fmt.Errorf("open knowledge: %w", err)
	}
	return b, nil
}

// prepare makes a Base that has learned nothing yet.
func prepare(o Options) (*Base, error) {
	b := &Base{index: o.Index, read: o.Read, clock: o.Now, unasked: o.Unasked, trust: min(max(o.Trust, 0), 1)}
	if b.index == nil {
		b.index = &Memory{}
	}
	if b.clock == nil {
		b.clock = time.Now
	}
	b.vectors = &vectorizer{Embedder: o.Embedder, model: o.Model, missed: o.Missed, now: time.Now, kept: map[string][]float32{}}
	if b.vectors.missed == nil {
		b.vectors.missed = func(error) {}
	}
	var err error
	if b.calibrate, err = parseCalibration(calibrationText); err != nil {
		return nil, err
	}
	lexicon, err := words.New()
	if o.Own != nil {
		lexicon, err = readSynonyms(o.Own)
	}
	if err != nil {
		return nil, err
	}
	b.now.Store(&state{lexicon: lexicon})
	return b, nil
}

// Add puts single passages beside those of the folder. They need an ID, and an
// Import of a folder removes those that the folder does not hold, unless their
// ID is that of a [Source].
func (b *Base) Add(ctx context.Context, passages ...bot.Passage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	lexicon := b.now.Load().lexicon
	s := &state{lexicon: lexicon}
	put := make([]Entry, len(passages))
	for i, p := range passages {
		if p.ID == "" {
			return fmt.Errorf("add passage %d: it has no ID", i)
		}
		if p.Audience == "" {
			p.Audience = "public"
		}
		if p.Lang == "" {
			p.Lang = words.Lang(p.Title + " " + p.Question + " " + p.Text)
		}
		put[i] = Entry{Passage: p, Hash: "added"}
		put[i].Title, put[i].Body = s.terms(&put[i].Passage)
	}
	var report Report
	b.vectors.passages(ctx, put, &report, nil)
	if err := report.Err(); err != nil {
		return fmt.Errorf("add passages: %w", err)
	}
	if err := b.index.Change(ctx, put, nil); err != nil {
		return fmt.Errorf("add passages: %w", err)
	}
	next, err := b.learn(ctx, lexicon)
	if err != nil {
		return fmt.Errorf("add passages: %w", err)
	}
	b.now.Store(next)
	return nil
}

// terms makes the terms of a passage: of its title and question, and of its
// text.
func (s *state) terms(p *bot.Passage) (title, body []words.Term) {
	head := p.Title
	if p.Question != "" && p.Question != p.Title {
		head += "\n" + p.Question
	}
	return s.lexicon.Terms(head), s.lexicon.Terms(p.Text)
}
