package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/appraise"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/importer"
)

// A shelf is everything a brand knows: its own folder, and what was ingested
// beside it. It takes up what a later import brings; until then, and whenever
// that fails, the old answers.
type shelf struct {
	own     fs.FS // the brand's knowledge folder
	store   *store
	version string // of the index when it was read
	now     atomic.Pointer[knowledge.Base]
	report  knowledge.Report // of the brand's own folder
	missed  atomic.Int64     // how often the embedder did not answer
}

// openShelf reads the brand's knowledge folder and the index at the place.
func openShelf(ctx context.Context, brand fs.FS, at place) (*shelf, error) {
	own, err := knowledgeFolder(brand)
	if err != nil {
		return nil, err
	}
	s := &shelf{own: own}
	if s.store, err = at.open(ctx); err != nil {
		return nil, err
	}
	return s, s.read(ctx)
}

// knowledgeFolder is the brand's own folder; nothing when there is none: a brand
// without knowledge can already converse.
func knowledgeFolder(brand fs.FS) (fs.FS, error) {
	if _, err := fs.Stat(brand, "knowledge"); errors.Is(err, fs.ErrNotExist) {
		return embed.FS{}, nil
	}
	return fs.Sub(brand, "knowledge")
}

func (s *shelf) base() *knowledge.Base { return s.now.Load() }

// read makes a base of what is there now.
func (s *shelf) read(ctx context.Context) error {
	version, err := s.store.version(ctx)
	if err != nil {
		return err
	}
	index, err := s.store.read(ctx)
	if err != nil {
		return err
	}
	pdf := newPDF()
	defer pdf.Close()
	base, report, err := knowledge.Import(ctx, s.own, knowledge.Options{
		Index: index, Read: importer.Options{PDF: pdf.Pages},
		Embedder: s.store.mean.embedder, Model: s.store.mean.model, Trust: s.store.mean.trust, Missed: func(error) { s.missed.Add(1) },
	})
	if err != nil {
		return err
	}
	s.now.Store(base)
	s.version, s.report = version, report
	return nil
}

// watch tells the operator what is wrong with the knowledge, and takes up what
// imports bring, until ctx ends.
func (s *shelf) watch(ctx context.Context, log *slog.Logger) {
	if err := errors.Join(s.report.Err(), s.cutShort(ctx)); err != nil {
		log.Error("knowledge", "error", err)
	}
	tick := time.NewTicker(s.store.interval())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		renewed, err := s.renew(ctx)
		switch {
		case err != nil:
			log.Error("knowledge was not read again; what was there before answers", "error", err)
		case renewed:
			log.Info("knowledge was read again")
		}
	}
}

// renew reads everything again if an import has changed the index.
func (s *shelf) renew(ctx context.Context) (bool, error) {
	version, err := s.store.version(ctx)
	if err != nil || version == s.version {
		return false, err
	}
	return true, s.read(ctx)
}

// Search asks the base in the light of the open case. An answer in a language
// the customer may not read is no answer, and neither is one about the remedy
// that they set aside: "교환 말고 환불".
func (s *shelf) Search(ctx context.Context, q flows.Question, n int) ([]bot.Passage, error) {
	query := knowledge.Query{Text: appraise.Meant(q.Text), Lang: q.Lang, N: n}
	if q.About != "" {
		query.Context = []string{q.About}
	}
	a, err := s.base().Ask(ctx, query)
	if err != nil || a.Foreign {
		return nil, err
	}
	return a.Passages, nil
}

// cutShort names the sources whose import did not come to its end.
func (s *shelf) cutShort(ctx context.Context) error {
	sources, err := s.base().Sources(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, x := range sources {
		if !x.Whole {
			faults = append(faults, fmt.Errorf("the import of %s, begun %s, is not finished: if none is running, run onki ingest again; what is there answers meanwhile", x.Name, x.Time.Format(time.DateTime)))
		}
	}
	return errors.Join(faults...)
}
