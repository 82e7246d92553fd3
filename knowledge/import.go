package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/onkihq/onki/knowledge/importer"
	"github.com/onkihq/onki/knowledge/words"
)

// synonyms is the file in a knowledge folder with the brand's own words for
// things, in the format of words/concepts.txt.
const synonyms = "synonyms.txt"

// Import makes a Base of a folder, and of what the index holds of other sources,
// and says what it read. Files that cannot be
// read are in the report ([importer.Report.Err]); the error is for what leaves
// no Base at all.
func Import(ctx context.Context, fsys fs.FS, o Options) (*Base, Report, error) {
	b, err := prepare(o)
	if err != nil {
		return nil, Report{}, err
	}
	r, err := b.Import(ctx, fsys)
	if err != nil {
		return nil, r, err
	}
	return b, r, nil
}

// Import reads a brand's own folder again and brings the index to what it says:
// only passages that changed are written, and those of a [Source] stay.
// Questions meanwhile are answered from what was there before; after an error
// they still are.
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
	stored, err := b.stored(ctx, "")
	if err == nil {
		err = b.sync(ctx, lexicon, "", stored, passages, report)
	}
	now := b.now.Load()
	if err == nil && (!now.learned || changed(report) || now.lexicon.Fingerprint() != lexicon.Fingerprint()) {
		err = b.renew(ctx, lexicon)
	}
	if err != nil {
		return *report, fmt.Errorf("import knowledge: %w", err)
	}
	return *report, nil
}

func changed(r *Report) bool { return r.Added+r.Changed+r.Removed > 0 }

// renew learns anew and lets questions see it.
func (b *Base) renew(ctx context.Context, lexicon *words.Lexicon) error {
	s, err := b.learn(ctx, lexicon)
	if err == nil {
		b.now.Store(s)
	}
	return err
}

// stored returns the entries of a source, by ID; "" is the brand's own folder.
func (b *Base) stored(ctx context.Context, source string) (map[string]Entry, error) {
	stored := map[string]Entry{}
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return nil, err
		}
		if sourceOf(e.Passage.ID) == source {
			stored[e.Passage.ID] = e
		}
	}
	return stored, nil
}

// sync writes the difference between what was read and what a source has
// stored. A passage whose file could not be read this time stays.
func (b *Base) sync(ctx context.Context, lexicon *words.Lexicon, source string, stored map[string]Entry, passages []importer.Passage, report *Report) error {
	s := &state{lexicon: lexicon}
	var put []Entry
	left := make(map[string]bool, len(stored))
	for id := range stored {
		left[id] = true
	}
	delete(left, recordID(source))
	for _, p := range passages {
		p.ID = storedID(source, p.ID)
		p.Hash += "-" + lexicon.Fingerprint()
		was, ok := stored[p.ID]
		delete(left, p.ID)
		switch {
		case ok && was.Hash == b.vectors.mark(p.Hash):
			report.Unchanged++
			continue
		case ok:
			report.Changed++
		default:
			report.Added++
		}
		e := Entry{Passage: p.Passage, Hash: p.Hash}
		e.Title, e.Body = s.terms(&e.Passage)
		if b.vectors.keeps(&was, &e) {
			e.Vector, e.Hash = was.Vector, b.vectors.mark(e.Hash) // it only moved within its file
		}
		put = append(put, e)
	}
	b.vectors.passages(ctx, put, report, b.read.Progress)
	remove := vanished(left, report)
	report.Removed = len(remove)
	report.Passages = len(passages) + len(left) - len(remove)
	if source != "" {
		return b.write(ctx, source, readRecord(stored[recordID(source)]), put, remove, report)
	}
	if len(put) == 0 && len(remove) == 0 {
		return nil
	}
	return b.index.Change(ctx, put, remove)
}

// vanished lists the stored passages whose text is gone, but not those of
// files that are there and cannot be read.
func vanished(left map[string]bool, report *Report) []string {
	broken := map[string]bool{}
	for _, f := range report.Faults {
		name := f.Source
		if i := strings.LastIndexByte(name, ':'); i >= 0 {
			name = name[:i]
		}
		broken[name], broken[f.Source] = true, true // with a line or without
	}
	var remove []string
	for id := range left {
		if !broken[fileOf(id)] {
			remove = append(remove, id)
		}
	}
	return remove
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
