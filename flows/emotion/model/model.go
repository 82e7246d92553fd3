// Package model is the trained recognizer inside the program: it reads a
// Korean or English text in microseconds and says, for every label of the
// public sets and for every care emotion, how likely it is.
//
// The files ko.onki and en.onki are made by the trainer in flows/emotion/train
// and described in MODEL_CARD.md.
package model

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"sync"
)

//go:embed ko.onki
var koreanFile []byte

//go:embed en.onki
var englishFile []byte

// Model reads texts in all languages it has files for. It is safe for
// concurrent use.
type Model struct {
	readers map[string]*language
}

// language is one language of a Model. What the program brings is checked at
// once and unpacked when a text in the language first comes: a server that
// nobody talks to, or only in one language, stays small.
type language struct {
	once  sync.Once
	data  []byte // of a file that has been checked
	ready *reader
}

// reader unpacks the language if need be; nil for a language there is not.
func (l *language) reader() *reader {
	if l == nil {
		return nil
	}
	l.once.Do(func() {
		if l.ready == nil {
			if f, err := readFile(l.data); err == nil { // it was checked by load
				l.ready = newReader(f)
			}
		}
	})
	return l.ready
}

// reader is one language of a Model.
type reader struct {
	file    *File
	space   Space
	shape   Shape
	table   *table
	net     *net
	outputs int
	cuts    [2]Cut       // by depth
	gates   [2][2][]Gate // by depth, then of the set and of the care labels
}

// Load returns the model that is part of the program.
func Load() (*Model, error) {
	return load(source{"en.onki", englishFile}, source{"ko.onki", koreanFile})
}

type source struct {
	name string
	data []byte
}

func load(sources ...source) (*Model, error) {
	m := &Model{readers: make(map[string]*language)}
	for _, s := range sources {
		f, err := readFile(s.data)
		if err != nil {
			return nil, fmt.Errorf("load model: %s: %w", s.name, err)
		}
		m.readers[f.Meta.Lang] = &language{data: s.data}
		release(s.data)
	}
	return m, nil
}

// Open reads one language's file in place of the embedded one; name is for
// error messages. The other language stays as it is.
func Open(r io.Reader, name string) (*Model, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("open model: %s: %w", name, err)
	}
	f, err := readFile(bytes.Clone(data))
	if err != nil {
		return nil, fmt.Errorf("open model: %s: %w", name, err)
	}
	m, err := Load()
	if err != nil {
		return nil, err
	}
	m.readers[f.Meta.Lang] = &language{ready: newReader(f)}
	return m, nil
}

// New makes a model of files that were just trained; a language without a file is taken from the program.
func New(files ...*File) (*Model, error) {
	m, err := Load()
	if err != nil {
		m = &Model{readers: make(map[string]*language)}
	}
	if err != nil && len(files) == 0 {
		return nil, err
	}
	for _, f := range files {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("new model: %w", err)
		}
		m.readers[f.Meta.Lang] = &language{ready: newReader(f)}
	}
	return m, nil
}

func newReader(f *File) *reader {
	r := &reader{
		file: f, space: SpaceOf(f.Meta.Lang), shape: ShapeOf(f.Meta.Lang),
		table: newTable(f.Keys), net: newNet(f.Net, f.Meta.Lang), outputs: Outputs(f.Meta.Lang),
	}
	for _, d := range []Depth{Fast, Full} {
		r.cuts[d] = f.Meta.Thresholds[d.String()]
		r.gates[d] = [2][]Gate{r.cuts[d].Gates(r.space, d), r.cuts[d].Gates(Care, d)}
	}
	return r
}

// Meta describes the model of a language.
func (m *Model) Meta(lang string) Meta {
	if r := m.readers[lang].reader(); r != nil {
		return r.file.Meta
	}
	return Meta{}
}

// reader is the reader of a language, told by the script where lang is
// neither "ko" nor "en"; a model that was made of one file reads all with it.
func (m *Model) reader(lang, text string) *reader {
	if lang != "ko" && lang != "en" {
		lang = Language(text)
	}
	if r := m.readers[lang].reader(); r != nil {
		return r
	}
	for _, l := range m.readers {
		return l.reader()
	}
	return nil
}

// Depths lists how a language can be read: Fast, and Full where there is a network.
func (m *Model) Depths(lang string) []Depth {
	if r := m.readers[lang].reader(); r == nil {
		return nil
	} else if r.file.Net == nil {
		return []Depth{Fast}
	}
	return []Depth{Fast, Full}
}

// Language tells Korean from English by the script: Korean when at least a
// fifth of the letters are Hangul.
func Language(text string) string {
	hangul, letters := 0, 0
	for i, r := range text {
		if i > headText {
			break
		}
		switch {
		case r >= 0xac00 && r <= 0xd7a3, r >= 0x3131 && r <= 0x318e, r >= 0x1100 && r <= 0x11ff:
			hangul++
			letters++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letters++
		}
	}
	if hangul > 0 && hangul*5 >= letters {
		return "ko"
	}
	return "en"
}
