package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/outbound"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/importer"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// ingestOptions are the flags of onki ingest.
type ingestOptions struct {
	brand  string
	remove []string
	list   bool
	json   bool
	fetch  importer.Fetcher
}

func newIngest(s streams) *cobra.Command {
	var o ingestOptions
	c := &cobra.Command{
		Use: "ingest PATH|URL…", Short: "add files, folders and pages to a brand's knowledge",
		Long: `Add files, folders and pages to what a brand knows, beside its own knowledge
folder, which needs no import. onki serve, chat, ask and test use it at once.

It reads Markdown, HTML, text, question–answer pairs (CSV with the header
question,answer; TSV; JSON lines), DOCX and PDF, and converts CP949 and UTF-16.
A source is known by the name of its file or folder, or by the link of a page:
ingesting it again reads only what changed. Of a page its main part is read, and
none of the pages it links to.

docs/knowledge.md explains the report line by line.`,
		Example: "  onki ingest --brand ./mybrand ./manuals faq.csv https://shop.example/help\n" +
			"  onki ingest --brand ./mybrand --list\n  onki ingest --brand ./mybrand --remove manuals",
		RunE: func(c *cobra.Command, args []string) error {
			if (len(args) == 0) == (len(o.remove) == 0 && !o.list) {
				return usagef("onki ingest: name what to read, or give --list or --remove")
			}
			cfg, err := loadConfig("", c.Flags())
			if err != nil {
				return usageError{err}
			}
			return ingest(c.Context(), o, cfg, args, s)
		},
	}
	c.Flags().StringVar(&o.brand, "brand", "shop", "brand folder, or the name of an example brand")
	c.Flags().StringSliceVar(&o.remove, "remove", nil, "forget the source of this name")
	c.Flags().BoolVar(&o.list, "list", false, "list what was ingested")
	c.Flags().BoolVar(&o.json, "json", false, "print the report as JSON")
	indexFlag(c)
	return c
}

// indexFlag is the flag of every verb that uses what was ingested. Beside it
// stands the ledger's, where there is none yet: the index lies beside it.
func indexFlag(c *cobra.Command) {
	if c.Flags().Lookup("ledger") == nil {
		c.Flags().String("ledger", defaults().Ledger, "the database beside which ingested knowledge is kept")
	}
	c.Flags().String("index", "", "where ingested knowledge is kept: local:PATH or qdrant://HOST:6334/COLLECTION; a file beside the database if left out")
}

// ingested is the report on one source.
type ingested struct {
	Source string `json:"source"`
	knowledge.Report
}

// ingest opens the index, does what was asked and reports it.
func ingest(ctx context.Context, o ingestOptions, cfg config, args []string, s streams) error {
	fsys, slug, err := brandFS(o.brand)
	if err != nil {
		return err
	}
	at, err := cfg.place(slug)
	if err != nil {
		return usageError{err}
	}
	store, err := at.open(ctx)
	if err != nil {
		return err
	}
	index, done, err := store.write(func(text string) { fmt.Fprintln(s.err, text) })
	if err != nil {
		return err
	}
	defer done()
	pdf := newPDF()
	defer pdf.Close()
	folder, err := knowledgeFolder(fsys)
	if err != nil {
		return err
	}
	own, err := passagesOf(ctx, folder, pdf.Pages)
	if err != nil {
		return err
	}
	bar := newBar(s)
	base, err := knowledge.Open(ctx, knowledge.Options{
		Index: index, Own: folder, Unasked: true, Embedder: at.mean.embedder, Model: at.mean.model,
		Read: importer.Options{PDF: pdf.Pages, Progress: bar.at, Beside: own},
	})
	if err != nil {
		return err
	}
	for _, name := range o.remove {
		n, err := base.Forget(ctx, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.err, "%s: %d passages removed\n", name, n)
	}
	if o.list {
		return listSources(ctx, base, o, s)
	}
	var reports []ingested
	for _, arg := range args {
		r := o.one(ctx, base, arg)
		bar.done()
		if err := ctx.Err(); err != nil {
			return err // what was read until now is kept
		}
		reports = append(reports, r)
	}
	return o.print(reports, at, s)
}

// passagesOf reads the brand's own folder, with which others are compared.
func passagesOf(ctx context.Context, folder fs.FS, pdf func(context.Context, []byte) ([]string, error)) ([]bot.Passage, error) {
	read, _, err := importer.Read(ctx, folder, importer.Options{PDF: pdf})
	passages := make([]bot.Passage, len(read))
	for i := range read {
		passages[i] = read[i].Passage
	}
	return passages, err
}

// one ingests one argument. What goes wrong is a fault of its report: the others
// are read all the same.
func (o ingestOptions) one(ctx context.Context, base *knowledge.Base, arg string) ingested {
	out := ingested{Source: arg}
	fail := func(err error, remedy string) ingested {
		out.Faults = append(out.Faults, importer.Remark{Source: arg, What: err.Error(), Remedy: remedy})
		return out
	}
	source := knowledge.Source{}
	if strings.Contains(arg, "://") {
		dir, err := os.MkdirTemp("", "onki-ingest-*")
		if err != nil {
			return fail(err, "make room for temporary files")
		}
		defer os.RemoveAll(dir)
		file, err := o.fetch.Fetch(ctx, arg, dir)
		if err != nil {
			_, what, _ := strings.Cut(err.Error(), ": ") // after the link, which is named already
			return fail(errors.New(what), fetchRemedy(err))
		}
		source = knowledge.Source{Name: filepath.Base(file), FS: os.DirFS(dir), URL: arg}
	} else {
		path, err := filepath.Abs(arg)
		if err == nil {
			_, err = os.Stat(path)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fail(errors.New("there is no such file or folder"), "check the name; to forget what was ingested from it, use --remove "+filepath.Base(path))
		case err != nil:
			return fail(err, "check that it may be read")
		case o.owned(path):
			return fail(errors.New("is in the brand's own knowledge folder"), "nothing needs to be done: what is there is used without an import")
		}
		source = knowledge.Source{Name: filepath.Base(path), FS: os.DirFS(filepath.Dir(path))}
	}
	report, err := base.Ingest(ctx, source)
	out.Source, out.Report = source.Name, report
	if err != nil {
		return fail(err, "what was there before still answers; mend it and run onki ingest again")
	}
	return out
}

// owned reports whether the path is in the brand's own knowledge folder.
func (o ingestOptions) owned(path string) bool {
	folder, err := filepath.Abs(filepath.Join(o.brand, "knowledge"))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// fetchRemedy is the next step for a page that could not be fetched.
func fetchRemedy(err error) string {
	switch {
	case errors.Is(err, outbound.ErrPrivate):
		return "save the page as a file and ingest that: links into a private network are not followed"
	case errors.Is(err, importer.ErrTooBig):
		return "save it in parts and ingest those"
	}
	return "check the link in a browser, or save the page as a file and ingest that"
}

func listSources(ctx context.Context, base *knowledge.Base, o ingestOptions, s streams) error {
	list, err := base.Sources(ctx)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(s, struct {
			Sources []knowledge.Ingested `json:"sources"`
		}{append([]knowledge.Ingested{}, list...)})
	}
	for _, x := range list {
		state := ""
		if !x.Whole {
			state = "  not finished: run onki ingest again"
		}
		fmt.Fprintf(s.out, "%6d passages  %s  %s%s\n", x.Passages, x.Time.Local().Format(time.DateTime), x.Name, state)
	}
	return nil
}

// print writes the reports; faults make the exit code 1.
func (o ingestOptions) print(reports []ingested, at place, s streams) error {
	faults := 0
	for _, r := range reports {
		faults += len(r.Faults)
	}
	if o.json {
		if err := printJSON(s, struct {
			Index   string     `json:"index"`
			Sources []ingested `json:"sources"`
		}{at.name, reports}); err != nil {
			return err
		}
	} else {
		for _, r := range reports {
			fmt.Fprintf(s.out, "%s: %s", r.Source, r.Report.String())
		}
	}
	if faults > 0 {
		return errSilent
	}
	return nil
}

// bar shows how far reading has come, on a terminal.
type bar struct{ *progressbar.ProgressBar }

func newBar(s streams) bar {
	if !isTerminal(s.err) {
		return bar{}
	}
	return bar{progressbar.NewOptions(1, progressbar.OptionSetWriter(s.err), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(50*time.Millisecond))}
}

// at shows the file that is read now.
func (b bar) at(file string, done, total int) {
	if b.ProgressBar == nil {
		return
	}
	b.ChangeMax(total)
	b.Describe(file)
	_ = b.Set(done)
}

func (b bar) done() {
	if b.ProgressBar != nil {
		_ = b.Clear()
		b.Reset()
	}
}
