package knowledge

import (
	"context"
	"errors"
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
}

// A Base is what a brand knows. Any number of goroutines may ask it, also
// while it imports. Make one with [Open] or [Import].
type Base struct {
	index     Index
	read      importer.Options
	clock     func() time.Time
	calibrate *calibration
	mu        sync.Mutex // one import at a time
	now       atomic.Pointer[state]
}

// A state is what a Base has learned from its passages.
type state struct {
	lexicon  *words.Lexicon
	counter  Counter
	hashes   func(uint64) int
	cache    *cache
	troubles []uint64 // hashes of the aspects of that name
	classes  *classes // nil when the pairs are too few
}

// synonyms is the file in a knowledge folder with the brand's own words for
// things, in the format of words/concepts.txt.
const synonyms = "synonyms.txt"

// Open makes a Base of what the index holds.
func Open(ctx context.Context, o Options) (*Base, error) {
	b := &Base{index: o.Index, read: o.Read, clock: o.Now}
	if b.index == nil {
		b.index = &Memory{}
	}
	if b.clock == nil {
		b.clock = time.Now
	}
	var err error
	if b.calibrate, err = parseCalibration(calibrationText); err != nil {
		return nil, err
	}
	lexicon, err := words.New()
	if err != nil {
		return nil, err
	}
	s, err := b.learn(ctx, lexicon)
	if err != nil {
		return nil, fmt.Errorf("open knowledge: %w", err)
	}
	b.now.Store(s)
	return b, nil
}

// Import makes a Base of a folder and says what it read. Files that cannot be
// read are in the report ([importer.Report.Err]); the error is for what leaves
// no Base at all.
func Import(ctx context.Context, fsys fs.FS, o Options) (*Base, Report, error) {
	b, err := Open(ctx, o)
	if err != nil {
		return nil, Report{}, err
	}
	r, err := b.Import(ctx, fsys)
	if err != nil {
		return nil, r, err
	}
	return b, r, nil
}

// Import reads a folder again and brings the index to what it says: only
// passages that changed are written. Questions meanwhile are answered from
// what was there before; after an error they still are.
func (b *Base) Import(ctx context.Context, fsys fs.FS) (Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lexicon, fault := readSynonyms(fsys)
	if fault != nil {
		var err error
		if lexicon, err = words.New(); err != nil {
			return Report{}, err
		}
	}
	passages, report, err := importer.Read(ctx, fsys, b.read)
	if err != nil {
		return *report, fmt.Errorf("import knowledge: %w", err)
	}
	if fault != nil {
		report.Faults = append(report.Faults, importer.Remark{What: fault.Error()})
	}
	if err := b.sync(ctx, lexicon, passages, report); err != nil {
		return *report, fmt.Errorf("import knowledge: %w", err)
	}
	if report.Added+report.Changed+report.Removed == 0 && b.now.Load().lexicon.Fingerprint() == lexicon.Fingerprint() {
		return *report, nil
	}
	s, err := b.learn(ctx, lexicon)
	if err != nil {
		return *report, fmt.Errorf("import knowledge: %w", err)
	}
	b.now.Store(s)
	return *report, nil
}

// sync writes the difference between the folder and the index. A passage whose
// file could not be read this time stays.
func (b *Base) sync(ctx context.Context, lexicon *words.Lexicon, passages []importer.Passage, report *Report) error {
	stored := map[string]string{}
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return err
		}
		stored[e.Passage.ID] = e.Hash
	}
	s := &state{lexicon: lexicon}
	var put []Entry
	for _, p := range passages {
		hash, ok := stored[p.ID]
		delete(stored, p.ID)
		p.Hash += "-" + lexicon.Fingerprint()
		switch {
		case ok && hash == p.Hash:
			report.Unchanged++
			continue
		case ok:
			report.Changed++
		default:
			report.Added++
		}
		e := Entry{Passage: p.Passage, Hash: p.Hash}
		e.Title, e.Body = s.terms(&e.Passage)
		put = append(put, e)
	}
	remove := b.vanished(stored, report)
	report.Removed = len(remove)
	report.Passages = len(passages) + len(stored) - len(remove)
	if len(put) == 0 && len(remove) == 0 {
		return nil
	}
	return b.index.Change(ctx, put, remove)
}

// Add puts single passages beside those of the folder. They need an ID, and an
// Import of a folder removes those that the folder does not hold.
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

// vanished lists the stored passages whose text is gone, but not those of
// files that are there and cannot be read.
func (b *Base) vanished(stored map[string]string, report *Report) []string {
	broken := map[string]bool{}
	for _, f := range report.Faults {
		broken[file(f.Source)] = true
	}
	var remove []string
	for id := range stored {
		if !broken[file(id)] {
			remove = append(remove, id)
		}
	}
	return remove
}

// file returns the file of a source ("a.md:3") or an ID ("a.md#b").
func file(s string) string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '#' {
			return s[:i]
		}
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ':' {
			return s[:i]
		}
	}
	return s
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

func readSynonyms(fsys fs.FS) (*words.Lexicon, error) {
	data, err := fs.ReadFile(fsys, synonyms)
	if errors.Is(err, fs.ErrNotExist) {
		return words.New()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", synonyms, err)
	}
	return words.New(words.Source{Name: synonyms, Text: string(data)})
}
