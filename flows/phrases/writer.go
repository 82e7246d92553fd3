package phrases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
)

// Options are what a Writer has to know of the brand. All may be left empty.
type Options struct {
	Overrides fs.FS             // the brand's folder; its phrases/ko.yaml and phrases/en.yaml come first
	Brand     map[string]string // name of the brand, by language
	Person    map[string]string // what a human colleague is called, by language
	Hours     map[string]string // contact hours in words, by language
	Within    time.Duration     // how soon a called person answers inside the hours; 0 is not said
	Zone      *time.Location    // in which times are said; nil is UTC
	Country   string            // whose emergency numbers come first: "KR", "US", "GB"
}

// A Writer words the moments of a conversation from text files. It may be used
// by several goroutines at once.
type Writer struct {
	entries              map[string][]phrase // by language and moment
	naming               map[string]bool     // IDs of openers that name what is at stake
	fragments            []Fragment
	words                map[string]*vocabulary
	brand, person, hours map[string]string
	within               time.Duration
	zone                 *time.Location
	country              string
	fallbacks            atomic.Int64
}

// New returns a Writer with the built-in texts and the brand's overrides. The
// error names every fault of the brand's files with file, line and remedy.
func New(o Options) (*Writer, error) {
	w := &Writer{
		entries: map[string][]phrase{}, naming: map[string]bool{}, words: map[string]*vocabulary{},
		brand: o.Brand, person: o.Person, hours: o.Hours, within: o.Within, zone: o.Zone, country: o.Country,
	}
	if w.zone == nil {
		w.zone = time.UTC
	}
	var faults []error
	for _, lang := range languages {
		data, err := builtin.ReadFile("text/" + lang + "/words.txt")
		if err != nil {
			return nil, fmt.Errorf("phrases: %w", err)
		}
		if w.words[lang], err = readVocabulary(lang, data); err != nil {
			return nil, fmt.Errorf("phrases: %w", err)
		}
		own, err := readBuiltin(lang)
		faults = append(faults, err)
		brand, err := readBrand(o.Overrides, lang)
		faults = append(faults, err)
		w.fragments = slices.Concat(w.fragments, own, brand)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return w, w.index()
}

// index parses every text once.
func (w *Writer) index() error {
	for i := range w.fragments {
		f := &w.fragments[i]
		nodes, err := parse(f.Text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", f.File, f.Line, err)
		}
		for _, n := range nodes {
			if n.part != "" && !slices.ContainsFunc(w.fragments, func(o Fragment) bool { return o.Lang == f.Lang && o.Moment == "part."+n.part }) {
				return fmt.Errorf("%s:%d: no part %q in this language; add an entry with moment part.%s", f.File, f.Line, n.part, n.part)
			}
		}
		at := f.Lang + " " + f.Moment
		p := compile(f, nodes)
		w.entries[at] = append(w.entries[at], p)
		if isOpener(f.Moment) && p.names("why", "thing", "words") {
			w.naming[p.id] = true
		}
	}
	for at := range w.entries {
		slices.SortStableFunc(w.entries[at], func(a, b phrase) int { return cmp.Compare(b.rank, a.rank) })
	}
	return nil
}

// Fragments returns every text, the brand's own included.
func (w *Writer) Fragments() []Fragment { return slices.Clone(w.fragments) }

// Moments returns the names of the moments that can be worded.
func Moments() []string { return slices.Clone(moments) }

// Fallbacks returns how often a text had to be repeated, or said although it
// resembled an earlier one or was longer than planned, since New.
func (w *Writer) Fallbacks() int64 { return w.fallbacks.Load() }

// Write returns the words for one moment of the decided t.Plan in t.Reply.Lang,
// and adds what was used to t.After.Used. It decides nothing: the same turn
// gives the same words. Only guide.lead may be empty.
func (w *Writer) Write(_ context.Context, moment string, t *bot.Turn) (string, error) {
	lang := t.Reply.Lang
	if w.words[lang] == nil {
		lang = "en"
	}
	all := w.entries[lang+" "+moment]
	if len(all) == 0 || !slices.Contains(moments, moment) {
		return "", fmt.Errorf("phrases: unknown moment %q", moment)
	}
	c := choice{v: newView(w, t, lang), seed: seedOf(t, moment), moment: moment}
	if w.named(t) && !isOpener(moment) {
		c.v.drop("why", "thing", "words") // it has just been said, and once is enough
	}
	c.openers()
	text, used, ok := c.best(all)
	if !ok {
		return "", fmt.Errorf("phrases: nothing to say for %s in %s with register %s", moment, lang, t.Plan.Register)
	}
	remember(&t.After.Used, used)
	return text, nil
}

// named reports that an opener of this turn has named what is at stake.
func (w *Writer) named(t *bot.Turn) bool {
	return slices.ContainsFunc(t.After.Used, func(id string) bool { return w.naming[id] && !slices.Contains(t.Session.Used, id) })
}

func seedOf(t *bot.Turn, moment string) uint64 {
	from := t.Session.Address
	if from == (bot.Address{}) {
		from = t.Message.From
	}
	h := fnv.New64a()
	h.Write([]byte(from.String() + "\x00" + strconv.Itoa(t.Session.Turns) + "\x00" + moment))
	return h.Sum64()
}

// remember moves what was used to the end, so that the order tells which was
// used longest ago and the list never outgrows the number of texts.
func remember(used *[]string, ids []string) {
	*used = slices.DeleteFunc(*used, func(id string) bool { return slices.Contains(ids, id) })
	*used = append(*used, ids...)
}

// isOpener reports whether a text of this moment must not resemble an earlier
// opener.
func isOpener(moment string) bool { return strings.HasPrefix(moment, "acknowledge.") }
