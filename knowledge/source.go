package knowledge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/importer"
)

// A Source is a file, a folder or a fetched page that stands beside the brand's
// own folder. Ingesting a source of the same name again replaces it.
type Source struct {
	Name string // of the file or folder under FS, without a slash
	FS   fs.FS
	URL  string // where a page was fetched from; "" for files
}

// The IDs of a source's passages are its name, "//", and what identifies the
// passage within it: "manuals//ko/refund.md#기간". No file's own ID holds "//".
// The ID that ends there is the source's record.
const inSource = "//"

func storedID(source, id string) string {
	if source == "" {
		return id
	}
	return recordID(source) + strings.TrimPrefix(strings.TrimPrefix(id, source), "/")
}

// readID is what storedID was made of.
func readID(source, id string) string {
	rest := strings.TrimPrefix(id, recordID(source))
	if strings.HasPrefix(rest, "#") {
		return source + rest
	}
	return source + "/" + rest
}

func recordID(source string) string { return source + inSource }

// sourceOf returns the source of a passage, "" for the brand's own folder.
func sourceOf(id string) string {
	source, _, ok := strings.Cut(id, inSource)
	if !ok {
		return ""
	}
	return source
}

// fileOf returns the file of a passage as reports name it.
func fileOf(id string) string {
	if source := sourceOf(id); source != "" {
		id = readID(source, id)
	}
	if i := strings.LastIndexByte(id, '#'); i >= 0 {
		return id[:i]
	}
	return id
}

// A record is what the index remembers of a source. It is kept as an entry
// that no question can find: nobody is of its audience, and it has no terms.
type record struct {
	State string            `json:"state"` // importing or done
	Time  time.Time         `json:"time"`
	Files map[string]string `json:"files"` // sum of each file that was read without a remark
}

// RecordAudience is the audience of the entries that are records of sources. A
// record's hash changes whenever its import begins or ends.
const RecordAudience = "record"

const (
	begun    = "importing"
	finished = "done"
)

func (r record) entry(source string) (Entry, error) {
	text, err := json.Marshal(r)
	return Entry{Passage: bot.Passage{ID: recordID(source), Text: string(text), Audience: RecordAudience}, Hash: r.State + " " + r.Time.Format(time.RFC3339Nano)}, err
}

func readRecord(e Entry) (r record) {
	_ = json.Unmarshal([]byte(e.Passage.Text), &r) // a record that cannot be read knows no file: all are read again
	return r
}

func isRecord(p *bot.Passage) bool { return p.Audience == RecordAudience }

// Ingest reads a source and brings the index to what it says. Files that have
// not changed since are not read again, and only passages that changed are
// written. Questions meanwhile are answered from what was there before; after
// an error they still are.
func (b *Base) Ingest(ctx context.Context, s Source) (Report, error) {
	fail := func(r Report, err error) (Report, error) { return r, fmt.Errorf("ingest %s: %w", s.Name, err) }
	if s.Name == "" || s.Name == "." || strings.Contains(s.Name, "/") {
		return fail(Report{}, fmt.Errorf("%q is not the name of a file or folder", s.Name))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	stored, err := b.stored(ctx, s.Name)
	if err != nil {
		return fail(Report{}, err)
	}
	o := b.read
	o.Root, o.URL = s.Name, s.URL
	o.Known = known(s.Name, stored)
	if o.Beside, err = b.beside(ctx, s.Name); err != nil {
		return fail(Report{}, err)
	}
	passages, report, err := importer.Read(ctx, s.FS, o)
	if err != nil {
		return fail(*report, err)
	}
	lexicon := b.now.Load().lexicon
	if err := b.sync(ctx, lexicon, s.Name, stored, passages, report); err != nil {
		return fail(*report, err)
	}
	if changed(report) || readRecord(stored[recordID(s.Name)]).State != finished {
		if err := b.renew(ctx, lexicon); err != nil {
			return fail(*report, err)
		}
	}
	return *report, nil
}

// beside returns the passages of all other sources, to compare with.
func (b *Base) beside(ctx context.Context, source string) ([]bot.Passage, error) {
	others := slices.Clip(b.read.Beside)
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return nil, err
		}
		if !isRecord(&e.Passage) && sourceOf(e.Passage.ID) != source {
			others = append(others, e.Passage)
		}
	}
	return others, nil
}

// known returns what the importer may take over without reading a file.
func known(source string, stored map[string]Entry) func(file, sum string) []bot.Passage {
	record := readRecord(stored[recordID(source)])
	files := map[string][]bot.Passage{}
	for _, e := range stored {
		if !isRecord(&e.Passage) {
			file := fileOf(e.Passage.ID)
			p := e.Passage
			p.ID = readID(source, p.ID)
			files[file] = append(files[file], p)
		}
	}
	for _, list := range files {
		slices.SortFunc(list, func(a, b bot.Passage) int { return cmp.Compare(a.ID, b.ID) })
	}
	return func(file, sum string) []bot.Passage {
		if record.State != finished || record.Files[file] != sum {
			return nil
		}
		return files[file]
	}
}

// A Whole is an Index whose Change happens as one or not at all, so that an
// import cut short leaves no half behind.
type Whole interface{ Whole() }

// write brings the difference of a source into the index, with the record that
// tells a finished import from one that was cut short.
func (b *Base) write(ctx context.Context, source string, was record, put []Entry, remove []string, report *Report) error {
	same := was.State == finished && maps.Equal(was.Files, report.Sums)
	nothing := was.State == "" && report.Passages == 0
	if len(put) == 0 && len(remove) == 0 && (same || nothing) {
		return nil
	}
	r := record{State: begun, Time: b.clock().UTC(), Files: report.Sums}
	opening, err := record{State: begun, Time: r.Time}.entry(source)
	if err != nil {
		return err
	}
	r.State = finished
	closing, err := r.entry(source)
	if err != nil {
		return err
	}
	if _, ok := b.index.(Whole); ok {
		return b.index.Change(ctx, append(put, closing), remove)
	}
	if err := b.index.Change(ctx, []Entry{opening}, nil); err != nil {
		return err
	}
	if err := b.index.Change(ctx, put, remove); err != nil {
		return err
	}
	return b.index.Change(ctx, []Entry{closing}, nil)
}

// Forget removes a source and returns how many passages it had; none is no
// error.
func (b *Base) Forget(ctx context.Context, source string) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stored, err := b.stored(ctx, source)
	if err != nil || source == "" || len(stored) == 0 {
		return 0, err
	}
	ids := make([]string, 0, len(stored))
	n := 0
	for id, e := range stored {
		if !isRecord(&e.Passage) {
			n++
		}
		ids = append(ids, id)
	}
	if err := b.index.Change(ctx, nil, ids); err != nil {
		return 0, fmt.Errorf("forget %s: %w", source, err)
	}
	return n, b.renew(ctx, b.now.Load().lexicon)
}

// An Ingested is what the index holds of one source.
type Ingested struct {
	Name     string    `json:"name"`
	Passages int       `json:"passages"`
	Time     time.Time `json:"time"`  // when its import began
	Whole    bool      `json:"whole"` // false while an import runs, and after one that was cut short
}

// Sources lists what was ingested, by name.
func (b *Base) Sources(ctx context.Context) ([]Ingested, error) {
	by := map[string]*Ingested{}
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list sources: %w", err)
		}
		name := sourceOf(e.Passage.ID)
		if name == "" {
			continue
		}
		if by[name] == nil {
			by[name] = &Ingested{Name: name}
		}
		if isRecord(&e.Passage) {
			r := readRecord(e)
			by[name].Time, by[name].Whole = r.Time, r.State == finished
			continue
		}
		by[name].Passages++
	}
	out := make([]Ingested, 0, len(by))
	for _, x := range by {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Ingested) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}
