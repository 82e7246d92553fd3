package solve

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Where a brand keeps its flows, what several of them must know, and how its
// own systems are reached.
const (
	folder     = "flows"
	sharedFile = "flows/_shared.yaml"
	officeFile = "backoffice.yaml"
)

// A Book is all the flows of a brand, read and checked.
type Book struct {
	Flows  []*Flow // by name
	Office *Office // never nil
	Limits Limits

	match *index
}

// Options are what a brand says elsewhere and its flows depend on.
type Options struct {
	Languages []string // in which every text is needed
	Limits    Limits   // what the bot may do by itself
	Events    []string // names of events a flow may apply to; nil checks none
}

// Load reads a brand's flows and backoffice.yaml. The error joins every fault,
// each with file, line and remedy. A brand without flows has an empty Book.
func Load(fsys fs.FS, o Options) (*Book, error) {
	b := &Book{Office: &Office{}, Limits: o.Limits}
	c := &checker{o: o, file: officeFile}
	if text, err := fs.ReadFile(fsys, officeFile); err == nil {
		c.text = text
		if err := yaml.UnmarshalWithOptions(text, b.Office, yaml.Strict()); err != nil {
			return b, readError(officeFile, err)
		}
		c.office(b.Office)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return b, fmt.Errorf("read %s: %w", officeFile, err)
	}
	shared, err := readShared(fsys)
	if err != nil {
		return b, errors.Join(append(c.faults, err)...)
	}
	files, err := fs.Glob(fsys, folder+"/*.yaml")
	if err != nil {
		return b, err
	}
	for _, name := range files {
		if name == sharedFile {
			continue
		}
		f, err := readFlow(fsys, name, shared)
		if err != nil {
			c.faults = append(c.faults, err)
			continue
		}
		b.Flows = append(b.Flows, f)
		c.file, c.text = f.file, f.text
		c.flow(f, b.Office)
	}
	if len(c.faults) > 0 {
		return b, errors.Join(c.faults...)
	}
	b.match = newIndex(b.Flows)
	return b, nil
}

// A shared is _shared.yaml: what several flows must know.
type shared struct {
	Know map[string]*Slot `yaml:"know"`
}

func readShared(fsys fs.FS) (map[string]*Slot, error) {
	text, err := fs.ReadFile(fsys, sharedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", sharedFile, err)
	}
	var s shared
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return nil, readError(sharedFile, err)
	}
	return s.Know, nil
}

func readFlow(fsys fs.FS, name string, shared map[string]*Slot) (*Flow, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f := &Flow{name: strings.TrimSuffix(path.Base(name), ".yaml"), file: name, text: text, index: make(map[string]*Step)}
	if err := yaml.UnmarshalWithOptions(text, f, yaml.Strict()); err != nil {
		return nil, readError(name, err)
	}
	if f.Know == nil {
		f.Know = make(map[string]*Slot)
	}
	for slot, s := range shared {
		if f.Know[slot] == nil {
			f.Know[slot] = s
		}
	}
	return f, nil
}

// readError turns a YAML error into one line with file and line.
func readError(file string, err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s; see the schema for what may stand here", file, y.GetToken().Position.Line, y.GetMessage())
	}
	return fmt.Errorf("%s:1: %w", file, err)
}

// calls returns look-ups and actions by name.
func (o *Office) calls() map[string]*Call {
	all := maps.Clone(o.LookUps)
	if all == nil {
		all = make(map[string]*Call)
	}
	maps.Copy(all, o.Actions)
	return all
}

// Flow returns the flow of that name, or nil.
func (b *Book) Flow(name string) *Flow {
	i := slices.IndexFunc(b.Flows, func(f *Flow) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return b.Flows[i]
}

// placeholder is a hole in a text: {order}, {delivery.item:을/를}.
var placeholder = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)(?::([^{}]+))?\}`)
