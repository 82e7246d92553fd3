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
	"github.com/onkihq/onki/knowledge/langchain"
	"github.com/onkihq/onki/knowledge/local"
	"github.com/onkihq/onki/knowledge/qdrant"
)

// A place is where a brand's ingested knowledge is kept: a file, or a collection
// on a server. The zero place holds nothing.
type place struct {
	path   string         // of a file
	server *qdrant.Config // of a collection
	name   string         // as it may be shown
	mean   meaning
}

// A meaning is how passages are found by what they mean, beside their words. The
// zero value does without.
type meaning struct {
	embedder knowledge.Embedder
	model    string // names it
	trust    float64
}

// meaning makes the embedder that is configured, if one is.
func (c config) meaning() (meaning, error) {
	if c.Embedder == "" {
		return meaning{}, nil
	}
	e, err := langchain.NewEmbedder(c.Embedder, c.EmbedderKey)
	return meaning{e, c.Embedder, c.EmbedTrust}, err
}

// size asks the embedder how long its vectors are.
func (m meaning) size(ctx context.Context) int {
	if m.embedder == nil {
		return 0
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	v, err := m.embedder.EmbedQuery(ctx, "size")
	if err != nil {
		return qdrant.Unknown // the collection says it, and words do meanwhile
	}
	return len(v)
}

// place finds where the brand's ingested knowledge is: what the configuration
// says, or a file beside the database.
func (c config) place(slug string) (place, error) {
	p, err := c.where(slug)
	if err == nil {
		p.mean, err = c.meaning()
	}
	return p, err
}

func (c config) where(slug string) (place, error) {
	if c.Index == "" {
		path := filepath.Join(filepath.Dir(c.ledgerPath()), slug+".knowledge")
		return place{path: path, name: "local:" + path}, nil
	}
	kind, path, _ := strings.Cut(c.Index, ":")
	switch {
	case kind == "local" && path != "":
		return place{path: filepath.Clean(path), name: c.Index}, nil
	case kind == "qdrant", kind == "qdrants":
		server, err := qdrant.Parse(c.Index)
		if err != nil {
			return place{}, err
		}
		server.Key = string(c.QdrantKey)
		if server.Tenant == "" {
			server.Tenant = slug // brands may share a collection
		}
		return place{server: &server, name: c.Index}, nil
	}
	return place{}, fmt.Errorf("index %q: want local:PATH or qdrant://HOST:6334/COLLECTION", c.Index)
}

// A store is an opened place.
type store struct {
	place
	remote *qdrant.Index // nil for a file
}

// open connects to a server; a file is opened by reading and writing.
func (p place) open(ctx context.Context) (*store, error) {
	s := &store{place: p}
	if p.server == nil {
		return s, nil
	}
	server := *p.server
	if server.Dimension == 0 {
		server.Dimension = p.mean.size(ctx)
	}
	var err error
	s.remote, err = qdrant.Open(ctx, server)
	return s, err
}

// version changes whenever an import has changed what the place holds.
func (s *store) version(ctx context.Context) (string, error) {
	switch {
	case s.remote != nil:
		return s.remote.Version(ctx)
	case s.path == "":
		return "", nil
	}
	info, err := os.Stat(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("knowledge file: %w", err)
	}
	return fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size()), nil
}

// interval is how often to look whether the version has changed.
func (s *store) interval() time.Duration {
	if s.remote != nil {
		return 20 * time.Second
	}
	return 2 * time.Second
}

// read returns the index for asking. What is put into a file's index beside is
// not kept.
func (s *store) read(context.Context) (knowledge.Index, error) {
	switch {
	case s.remote != nil:
		return s.remote, nil
	case s.path == "":
		return &knowledge.Memory{}, nil
	}
	m, err := local.Load(s.path)
	if errors.Is(err, local.ErrDamaged) {
		return nil, fmt.Errorf("%w: run onki ingest again, which sets the file aside and makes it anew", err)
	}
	return m, err
}

// write returns the index for importing; nobody else changes a file until done is
// called. notice is told what an operator should know.
func (s *store) write(notice func(string)) (index knowledge.Index, done func() error, err error) {
	if s.remote != nil {
		return s.remote, s.remote.Close, nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o750); err != nil {
		return nil, nil, fmt.Errorf("index: %w", err)
	}
	unlock, err := local.Lock(s.path)
	if err != nil {
		return nil, nil, err
	}
	index, err = local.Open(s.path, notice)
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return index, unlock, nil
}
