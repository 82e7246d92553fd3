package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/local"
)

// A place is where a brand's ingested knowledge is kept. The zero place holds
// nothing.
type place struct {
	path string // of a file
}

// place finds where the brand's ingested knowledge is: what the configuration
// says, or a file beside the database.
func (c config) place(slug string) (place, error) {
	if c.Index == "" {
		return place{path: filepath.Join(filepath.Dir(c.ledgerPath()), slug+".knowledge")}, nil
	}
	path, ok := strings.CutPrefix(c.Index, "local:")
	if !ok || path == "" {
		return place{}, fmt.Errorf("index %q: want local:PATH", c.Index)
	}
	return place{path: filepath.Clean(path)}, nil
}

func (p place) String() string { return "local:" + p.path }

// version changes whenever an import has changed what the place holds.
func (p place) version(context.Context) (string, error) {
	if p.path == "" {
		return "", nil
	}
	info, err := os.Stat(p.path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("knowledge file: %w", err)
	}
	return fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size()), nil
}

// interval is how often to look whether the version has changed.
func (p place) interval() time.Duration { return 2 * time.Second }

// read returns the index for asking. What is put into it beside is not kept.
func (p place) read(context.Context) (knowledge.Index, error) {
	if p.path == "" {
		return &knowledge.Memory{}, nil
	}
	m, err := local.Load(p.path)
	if errors.Is(err, local.ErrDamaged) {
		return nil, fmt.Errorf("%w: run onki ingest again, which sets the file aside and makes it anew", err)
	}
	return m, err
}

// write returns the index for importing, which nobody else changes until done is
// called. notice is told what an operator should know.
func (p place) write(_ context.Context, notice func(string)) (index knowledge.Index, done func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(p.path), 0o750); err != nil {
		return nil, nil, fmt.Errorf("index: %w", err)
	}
	unlock, err := local.Lock(p.path)
	if err != nil {
		return nil, nil, err
	}
	index, err = local.Open(p.path, notice)
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return index, unlock, nil
}
