package main

import (
	"context"
	"net/http"
	"time"

	"github.com/onkihq/onki/flows/appraise"
	"github.com/onkihq/onki/flows/llm"
	"github.com/spf13/cobra"
)

// modelFlags adds the flags that name a language model.
func modelFlags(c *cobra.Command) {
	c.Flags().String("model", "", "language model: PROVIDER:NAME or PROVIDER:NAME@URL (docs/models.md); none works too")
	c.Flags().String("model-key", "", "where its key is: env:NAME or file:PATH")
}

// specs are the configured models: the one of a single line first.
func (c config) specs() []llm.Spec {
	all := c.Models
	if c.Model != "" {
		all = append([]llm.Spec{{Use: c.Model, Key: c.ModelKey}}, all...)
	}
	return all
}

// useModels gives the brand its language models, if any are configured. Without
// one nothing of this is started.
func (b *brand) useModels(cfg config, seen func(llm.Call)) error {
	return b.useModelsOver(cfg, nil, nil, seen)
}

// useModelsOver is useModels over another network and with another marker, as an
// evaluation needs it; nil is the usual one.
func (b *brand) useModelsOver(cfg config, wire http.RoundTripper, marker func() string, seen func(llm.Call)) error {
	if len(cfg.specs()) == 0 {
		return nil
	}
	m, err := llm.New(llm.Options{Models: cfg.specs(), Budget: cfg.ModelBudget, Prompts: b.fs, Brand: b.Name, Seen: seen, Wire: wire, Marker: marker})
	if err != nil {
		return err
	}
	b.models = m
	b.care.Within = cfg.ModelWithin
	if m.Has(llm.Write) {
		b.care.Author = llm.Author{Models: m}
	}
	if m.Has(llm.Summarise) {
		b.care.Brief = llm.Clerk{Models: m}.Brief
	}
	if m.Has(llm.Recognize) {
		b.care.Recognizer = llm.Cascade{First: b.care.Recognizer, Second: llm.Recognizer{Models: m}}
	}
	if m.Has(llm.Appraise) {
		b.care.Appraise = llm.Appraiser{Models: m, Reader: appraise.Reader{Never: b.Never}}.Read
	}
	if m.Has(llm.Fill) {
		b.care.Library = llm.Library{Library: b.care.Library, Models: m}
	}
	return nil
}

// pingWithin is how long the doctor waits for a model.
const pingWithin = 20 * time.Second

// pingModels asks every model whether it answers.
func (b *brand) pingModels(ctx context.Context) []llm.Health {
	if b.models == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	return b.models.Ping(ctx)
}
