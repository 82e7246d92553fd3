package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/brands"
	"github.com/onkihq/onki/channels/slack"
	"github.com/onkihq/onki/channels/telegram"
	"github.com/onkihq/onki/channels/web"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/appraise"
	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/llm"
	"github.com/onkihq/onki/flows/phrases"
	"github.com/onkihq/onki/flows/policy"
	"github.com/onkihq/onki/flows/solve"
	"github.com/onkihq/onki/personas"
)

// brand is a brand's folder, read and put together.
type brand struct {
	*personas.Brand
	voice   *personas.Voice
	manuals *personas.Manuals
	linter  *personas.Linter
	slug    string // the folder's name, as the chat page's address
	fs      fs.FS
	shelf   *shelf
	words   *phrases.Writer
	models  *llm.Models // nil without a language model
	care    *flows.Care
	notices *notices
	book    *solve.Book // its problem-solving flows
	demo    bool        // the look-ups answer from demo.yaml
}

// brandFS finds the folder: a path on disk, or the name of an example brand.
func brandFS(name string) (fs.FS, string, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return os.DirFS(name), filepath.Base(filepath.Clean(name)), nil
	}
	if slices.Contains(brands.Names(), name) {
		fsys, err := brands.Open(name)
		return fsys, name, err
	}
	return nil, "", fmt.Errorf("brand %q: there is no such folder, and the examples are %s; onki init writes one", name, strings.Join(brands.Names(), ", "))
}

// openBrand reads a brand's folder. Faults in brand.yaml or phrases are
// errors; a knowledge file that cannot be read is left out and reported.
func openBrand(ctx context.Context, name string) (*brand, error) {
	return openBrandWith(ctx, name, func(string) (place, error) { return place{}, nil })
}

// openBrandWith is openBrand with what was ingested, too; where finds its place
// for the brand of this slug.
func openBrandWith(ctx context.Context, name string, where func(slug string) (place, error)) (*brand, error) {
	fsys, slug, err := brandFS(name)
	if err != nil {
		return nil, err
	}
	b := &brand{slug: slug, fs: fsys}
	if b.Brand, err = personas.LoadBrand(fsys); err != nil {
		return nil, err
	}
	if b.voice, err = personas.LoadVoice(fsys, b.Languages); err != nil {
		return nil, err
	}
	if b.manuals, err = personas.LoadManuals(fsys, b.Languages); err != nil {
		return nil, err
	}
	if b.linter, err = personas.NewLinter(b.voice); err != nil {
		return nil, err
	}
	if b.words, err = b.writer(); err != nil {
		return nil, err
	}
	at, err := where(slug)
	if err != nil {
		return nil, err
	}
	if b.shelf, err = openShelf(ctx, fsys, at); err != nil {
		return nil, err
	}
	recognizer := emotion.New(emotion.Options{Depth: model.Full})
	if err := recognizer.Check(); err != nil {
		return nil, err // a damaged model file is found at the start and not by a customer
	}
	if b.book, err = loadFlows(fsys, b.Brand); err != nil {
		return nil, err
	}
	b.care = b.newCare(recognizer)
	b.notices = newNotices(name, b.Banner)
	return b, nil
}

func (b *brand) writer() (*phrases.Writer, error) {
	hours := make(map[string]string)
	for _, l := range b.Languages {
		hours[l] = b.HoursIn(l)
	}
	return phrases.New(phrases.Options{
		Overrides: b.fs, Brand: b.Name, Person: b.Person, Hours: hours,
		Within: b.Within(), Zone: b.Zone(), Country: b.Country,
	})
}

func (b *brand) title() string { return b.Name.In(b.Languages[0]) }

// newCare puts the four stages together for this brand.
func (b *brand) newCare(r flows.Recognizer) *flows.Care {
	return &flows.Care{
		Recognizer: r,
		Appraise:   appraise.Reader{Never: b.Never}.Read,
		Follow:     emotion.Follow,
		Writer:     b.words,
		Library:    b.shelf,
		Study:      study{b.manuals},
		House:      b.house,
		Reference:  b.Reference,
		Links:      b.Links,
		Known:      b.known(),
		Lint:       b.lint,
		Notice:     func(channel string) bool { return channel == slack.Name || channel == telegram.Name }, // the others say it before the first message
	}
}

// study lets flows learn about customers without knowing the manuals.
type study struct{ manuals *personas.Manuals }

// Observe learns from one message, unless the customer asked not to be
// remembered.
func (s study) Observe(m bot.Message, r bot.Reading, c *bot.Customer) {
	if allowed, asked := c.Consent["memory"]; allowed || !asked {
		s.manuals.Observe(m.Text, r.Lang, c)
	}
}

// Form returns the form of the persona that fits best.
func (s study) Form(c *bot.Customer) policy.Form {
	f := s.manuals.Form(s.manuals.Pick(c))
	return policy.Form{
		Name: f.Name, Clauses: f.Clauses, Sentences: f.Sentences, Questions: f.Questions,
		Formal: f.Formal, Humour: f.Humour, NoEmoji: f.NoEmoji,
	}
}

// lint reads a text as a customer in this situation would.
func (b *brand) lint(text string, t *bot.Turn) (faults, remarks []string) {
	in := personas.Saying{
		Complaint: policy.Negative(t.Feeling()), Register: t.Plan.Register,
		Emoji: b.voice.Emojis() && (t.Plan.Tone == "light" || t.Plan.Humour),
	}
	for _, f := range b.linter.Lint(text, t.Reply.Lang, in) {
		if f.Severity == "error" {
			faults = append(faults, f.String())
		} else {
			remarks = append(remarks, f.String())
		}
	}
	return faults, remarks
}

// house is what the brand allows, in the language of the reply.
func (b *brand) house(lang string) policy.House {
	register := b.voice.Register(lang)
	h := policy.House{
		Formal: register == "hasipsio" || register == "formal", Humour: b.voice.Jokes(),
		Open: b.Open, Back: b.back,
	}
	for _, c := range b.Compensation {
		h.Compensation = append(h.Compensation, policy.Compensation{When: c.When, Text: c.Text.In(lang)})
	}
	return h
}

// back is by when a person answers who is called at that time: within the time
// the brand names, counted from when people are there and rounded up to five
// minutes. A brand that names none
// promises none.
func (b *brand) back(at time.Time) time.Time {
	open := b.NextOpen(at)
	if b.Within() <= 0 || open.IsZero() {
		return time.Time{}
	}
	due := open.Add(b.Within() + 5*time.Minute - 1).Truncate(5 * time.Minute) // nobody promises 10:31
	return due.In(b.Zone())
}

// known are the facts every reply may state.
func (b *brand) known() []string {
	out := []string{b.Contact.Phone, b.Contact.Email, b.Contact.Page, b.ReplyWithin}
	for _, l := range b.Languages {
		out = append(out, b.HoursIn(l))
	}
	return out
}

// notice says that an AI answers.
func (b *brand) notice(lang string) string {
	t := &bot.Turn{Session: &bot.Session{}, Reply: bot.Reply{Lang: lang}}
	t.Plan.Register = "haeyo"
	if lang != "ko" {
		t.Plan.Register = "plain"
	}
	text, err := b.words.Write(context.Background(), "notice.ai", t)
	if err != nil {
		return b.Name.In(lang)
	}
	return b.Name.In(lang) + ": " + text
}

// webBrand is the brand as the chat shows it.
func (b *brand) webBrand() web.Brand {
	w := web.Brand{
		Slug: b.slug, Name: b.Name, Accent: b.Accent, Person: b.Person, Hours: make(map[string]string),
		Greeting: b.Greeting, Privacy: b.Privacy, Links: b.Links, Starters: make(map[string][]bot.Choice),
	}
	for _, l := range b.Languages {
		w.Hours[l] = b.HoursIn(l)
		for _, q := range b.Starters[l] {
			w.Starters[l] = append(w.Starters[l], bot.Choice{Label: q})
		}
	}
	return w
}

// page is the page at "/": the example brands have one of their own, any other
// brand a plain one in its name and colour.
func (b *brand) page() web.Page {
	p := web.Page{Key: b.key(), Brand: b.webBrand()}
	if slices.Contains(brands.Names(), b.slug) && b.Kind == b.slug {
		p.Kind = b.slug
	}
	return p
}

// key is the public key that pages embed.
func (b *brand) key() string { return "pk_" + b.slug }

// webChannel makes the web chat of the brand.
func (b *brand) webChannel(cfg config, ledger fullLedger, hints bot.Hints, deepLink func(context.Context, string) (string, error), log *slog.Logger) (*web.Channel, error) {
	secret, err := visitorSecret(cfg)
	if err != nil {
		return nil, err
	}
	id, err := b.identity(cfg)
	if err != nil {
		return nil, err
	}
	o := web.Options{
		Ledger: ledger, Hints: hints, Log: log, Brand: b.webBrand(), Banner: b.notices.in, Continue: deepLink, App: "Telegram",
		Keys: []web.Key{{ID: b.key(), Origins: cfg.Origins, Identity: id}},
	}
	if cfg.Limits == "off" {
		o.Limits = web.Limits{PerSecond: -1, PerHour: -1, Sessions: -1, Brand: -1, Uploads: -1, Streams: -1, Network: -1}
	}
	if len(secret) > 0 {
		o.Secrets = [][]byte{secret}
	}
	if files, ok := ledger.(web.Store); ok {
		o.Files, o.Scan = fileStore(cfg, files), scanner(cfg.FileScan)
	}
	return web.New(o)
}
