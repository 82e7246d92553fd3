package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/brands/backend"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/backoffice"
	"github.com/onkihq/onki/flows/solve"
	"github.com/onkihq/onki/personas"
)

// loadFlows reads the brand's problem-solving flows.
func loadFlows(fsys fs.FS, p *personas.Brand) (*solve.Book, error) {
	limits := make(solve.Limits)
	for _, a := range p.Actions {
		limits[a.Do] = a.UpTo
	}
	return solve.Load(fsys, solve.Options{Languages: p.Languages, Limits: limits, Events: personas.Events()})
}

// drive lets the engine answer as this brand does, and carry out what its flows
// order.
func (b *brand) drive(e *bot.Engine) error {
	care, office, err := b.connect(false, nil, e.Log)
	if err != nil {
		return err
	}
	if office != nil {
		e.Channels = append(e.Channels, office)
	}
	e.Flow, e.Rescue = care.Flow(), care.Rescue()
	return nil
}

// connect joins the brand's flows to its back office. Where backoffice.yaml
// points to a variable that is not set, the records of demo.yaml answer, in this
// process; without those, look-ups say honestly that they cannot look. demo
// takes demo.yaml in any case, and its clock. The channel carries out orders; it
// is nil for a brand without a back office.
func (b *brand) connect(demo bool, now func() time.Time, log *slog.Logger) (*flows.Care, bot.Channel, error) {
	care := *b.care
	if len(b.book.Flows) == 0 {
		return &care, nil, nil
	}
	solver := &solve.Solver{Book: b.book, Zone: b.Zone(), Vouches: []string{"web"}} // whose users the brand's server has signed
	care.Solver = solver
	client, err := b.client(demo, now)
	if errors.Is(err, backoffice.ErrUnset) {
		log.Warn("the flows cannot look anything up", "reason", err)
		return &care, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if client == nil {
		return &care, nil, nil
	}
	solver.Lookup = client
	return &care, &backoffice.Channel{Client: client, Limits: b.book.Limits, Log: log}, nil
}

// client reaches the brand's own systems, or the demo's in this process; nil
// for a brand that has neither.
func (b *brand) client(demo bool, now func() time.Time) (*backoffice.Client, error) {
	if b.book.Office.URL == "" {
		return nil, nil
	}
	if !demo {
		client, err := backoffice.New(b.book.Office, backoffice.Options{})
		if !errors.Is(err, backoffice.ErrUnset) {
			return client, err
		}
	}
	office, err := backend.Open(b.fs, now)
	if errors.Is(err, backend.ErrNone) {
		return backoffice.New(b.book.Office, backoffice.Options{})
	}
	if err != nil {
		return nil, err
	}
	b.demo = true
	return backoffice.New(b.book.Office, backoffice.Options{URL: "http://demo.invalid", Transport: http.RoundTripper(office)})
}

// demoNote says that the answers are a demo's.
func (b *brand) demoNote() string {
	if !b.demo {
		return ""
	}
	return fmt.Sprintf("note: look-ups answer from demo.yaml, not from a system of yours; set %s to connect one\n", strings.TrimPrefix(b.book.Office.URL, "env:"))
}
