package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// The limits that apply when [Options] does not say otherwise.
const (
	MaxFile     = 20 << 20 // bytes of one file
	MaxPassages = 1 << 20  // passages of one import
	MaxPassage  = 1200     // letters of one passage
	MaxDepth    = 16       // folders within folders
)

// Options say how to read. The zero value is good.
type Options struct {
	MaxFile    int64                                                    // bytes; 0 means MaxFile
	MaxPassage int                                                      // letters; 0 means MaxPassage
	PDF        func(ctx context.Context, data []byte) ([]string, error) // the text of each page; nil: PDF files are skipped
	Progress   func(file string, done, total int)                       // called before each file; may be nil
	Root       string                                                   // the only file or folder to read; "" means everything
	URL        string                                                   // where the files were fetched from; becomes source and link of their passages
	Beside     []bot.Passage                                            // what stands elsewhere, to compare with
	Known      func(file, sum string) []bot.Passage                     // the passages of a file that has this sum, if they are known; may be nil
}

// A Passage is what was read, with a hash that changes when anything in it
// does.
type Passage struct {
	bot.Passage
	Hash string
}

// A document is one file in reading.
type document struct {
	ctx    context.Context
	name   string
	text   string // decoded
	raw    []byte
	opts   Options
	report *Report
	meta   meta
	ids    map[string]int
	out    []bot.Passage
}

// Read reads every file under fsys in the order of its names. The error is
// for what makes the whole import pointless (the folder cannot be listed, the
// context is over); what is wrong with single files is in the report.
func Read(ctx context.Context, fsys fs.FS, o Options) ([]Passage, *Report, error) {
	if o.MaxFile <= 0 {
		o.MaxFile = MaxFile
	}
	if o.MaxPassage <= 0 {
		o.MaxPassage = MaxPassage
	}
	report := &Report{Sums: map[string]string{}}
	names, err := list(fsys, o.Root, report)
	if err != nil {
		return nil, report, err
	}
	var out []Passage
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, report, fmt.Errorf("import %s: %w", name, err)
		}
		if o.Progress != nil {
			o.Progress(name, i, len(names))
		}
		for _, p := range readFile(ctx, fsys, name, o, report) {
			if len(out) == MaxPassages {
				report.skip(name, "split the brand's knowledge over several collections", "more than %d passages", MaxPassages)
				return out, report, nil
			}
			out = append(out, Passage{p, hash(p)})
		}
	}
	compare(out, o.Beside, report)
	report.trim()
	return out, report, nil
}

// list returns the files to read, in order.
func list(fsys fs.FS, root string, report *Report) ([]string, error) {
	if root == "" {
		root = "."
	}
	var names []string
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == root {
				return err
			}
			report.fault(name, "check that the file exists and may be read", "cannot be read: %v", err)
			return nil
		}
		base := path.Base(name)
		switch {
		case name != root && strings.HasPrefix(base, "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if strings.Count(name, "/") >= MaxDepth {
				report.skip(name, "move the files up", "more than %d folders deep", MaxDepth)
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			report.skip(name, "copy the file itself into the folder", "not a regular file")
			return nil
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list knowledge folder: %w", err)
	}
	return names, nil
}

// ErrTooBig is returned for a file over the limit.
var ErrTooBig = errors.New("file is too big")

// load reads a file up to the limit, without trusting the size it claims.
func load(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > limit {
		return nil, ErrTooBig
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, ErrTooBig
	}
	return data, nil
}

// readers are the formats by file name ending.
func readers() map[string]func(*document) {
	return map[string]func(*document){
		".md": readMarkdown, ".markdown": readMarkdown,
		".txt": readText, ".text": readText,
		".csv": readCSV, ".tsv": readTSV,
		".jsonl": readJSONL, ".ndjson": readJSONL,
		".html": readHTML, ".htm": readHTML,
		".docx": readDOCX, ".pdf": readPDF,
	}
}

func readFile(ctx context.Context, fsys fs.FS, name string, o Options, report *Report) []bot.Passage {
	ext := strings.ToLower(path.Ext(name))
	read, ok := readers()[ext]
	if !ok {
		if path.Base(name) != "synonyms.txt" {
			report.skip(name, "save it as .md, .txt, .html, .csv, .jsonl, .docx or .pdf", "%s files are not read", orNone(ext))
		}
		return nil
	}
	if path.Base(name) == "synonyms.txt" {
		return nil // words for the search, not for the customer
	}
	data, err := load(fsys, name, o.MaxFile)
	switch {
	case errors.Is(err, ErrTooBig):
		report.fault(name, "split it", "is bigger than %d MB", o.MaxFile>>20)
		return nil
	case err != nil:
		report.fault(name, "check that the file exists and may be read", "cannot be read: %v", err)
		return nil
	}
	report.Files++
	sum := sumOf(data)
	if o.Known != nil {
		if passages := o.Known(name, sum); passages != nil {
			report.Same++
			report.Sums[name] = sum
			return passages
		}
	}
	d := &document{ctx: ctx, name: name, raw: data, opts: o, report: report, ids: map[string]int{}}
	d.meta.lang = folderLang(name)
	if o.URL != "" {
		_ = d.meta.set("url", o.URL) // one that cannot be shown to customers is left out
	}
	before := report.remarks()
	if ext != ".docx" && ext != ".pdf" {
		if d.text, err = decode(data, ext); err != nil {
			report.Files--
			report.fault(name, "save the file as UTF-8", "%v", err)
			return nil
		}
	}
	read(d)
	if len(d.out) == 0 && len(report.Faults) == 0 {
		report.notice(name, "write something in it or remove it", "holds no text")
	}
	if report.remarks() == before {
		report.Sums[name] = sum // what was remarked on is read again, to be remarked on again
	}
	return d.out
}

// reading is part of every sum; it changes when files are read in another way.
const reading = "1"

func sumOf(data []byte) string {
	h := sha256.New()
	io.WriteString(h, reading)
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func orNone(ext string) string {
	if ext == "" {
		return "nameless"
	}
	return ext
}

// folderLang takes the language from a folder named ko or en.
func folderLang(name string) string {
	for _, part := range strings.Split(path.Dir(name), "/") {
		if part == "ko" || part == "en" {
			return part
		}
	}
	return ""
}

// at returns "file:line".
func (d *document) at(line int) string { return fmt.Sprintf("%s:%d", d.name, line) }

// add finishes a passage and keeps it.
func (d *document) add(key string, line int, p bot.Passage) {
	p.Text = strings.TrimSpace(p.Text)
	if p.Text == "" {
		return
	}
	key = slug(key)
	d.ids[key]++
	if n := d.ids[key]; n > 1 {
		key = fmt.Sprintf("%s~%d", key, n)
	}
	p.ID = d.name + "#" + key
	p.Source = d.at(line)
	if d.opts.URL != "" {
		p.Source = d.opts.URL
	}
	if p.Lang == "" {
		p.Lang = d.meta.lang
	}
	if p.Lang == "" {
		p.Lang = words.Lang(p.Title + " " + p.Question + " " + p.Text)
	}
	if p.Audience == "" {
		p.Audience = d.meta.audience
	}
	if p.Audience == "" {
		p.Audience = "public"
	}
	if p.URL == "" {
		p.URL = d.meta.url
	}
	if p.From.IsZero() {
		p.From = d.meta.from
	}
	if p.Until.IsZero() {
		p.Until = d.meta.until
	}
	d.suspect(line, p)
	d.out = append(d.out, p)
}

// slug makes a readable part of an ID: letters and digits, the rest dashes.
func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range words.Normalize(s) {
		if r == ' ' || r < 0x80 && !('a' <= r && r <= 'z' || '0' <= r && r <= '9') || strings.ContainsRune("›·…“”‘’", r) {
			dash = b.Len() > 0
			continue
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteRune(r)
		if b.Len() > 80 {
			break
		}
	}
	if b.Len() == 0 {
		return "text"
	}
	return b.String()
}

// hash covers everything that a reader or a filter can see.
func hash(p bot.Passage) string {
	h := sha256.New()
	for _, s := range []string{
		p.ID, p.Title, p.Question, p.Answer, p.Text, p.Source, p.URL, p.Lang, p.Audience,
		p.From.UTC().Format(time.RFC3339), p.Until.UTC().Format(time.RFC3339),
	} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
