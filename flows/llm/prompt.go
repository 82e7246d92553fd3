package llm

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot/redact"
)

//go:embed prompts
var promptFiles embed.FS

// A prompt is a text file: a version, instructions, and below "=== data" what
// they are about. Both are templates.
type prompt struct {
	name         string // "ko/write 1", with "own" when it is the brand's
	system, data *template.Template
}

// prompts are all prompts of a brand.
type prompts struct {
	all    map[string]*prompt // by "ko/write"
	brand  map[string]string
	marker func() string
}

var versionLine = regexp.MustCompile(`\A# version ([^\s]{1,20})\r?\n`)

// readPrompts reads the built-in prompts and the brand's own over them.
func readPrompts(o Options) (*prompts, error) {
	p := &prompts{all: make(map[string]*prompt), brand: o.Brand, marker: o.Marker}
	if p.marker == nil {
		p.marker = func() string { return rand.Text()[:10] }
	}
	var faults []error
	for _, purpose := range Purposes() {
		for _, lang := range []string{"ko", "en"} {
			at := lang + "/" + purpose
			text, err := promptFiles.ReadFile("prompts/" + at + ".txt")
			if err != nil {
				return nil, fmt.Errorf("prompts: %w", err)
			}
			own := ""
			if o.Prompts != nil {
				switch mine, err := fs.ReadFile(o.Prompts, "prompts/"+at+".txt"); {
				case err == nil:
					text, own = mine, " own"
				case !errors.Is(err, fs.ErrNotExist):
					return nil, fmt.Errorf("prompts: %w", err)
				}
			}
			if p.all[at], err = parsePrompt(at, own, string(text)); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return p, errors.Join(faults...)
}

func parsePrompt(at, own, text string) (*prompt, error) {
	file := "prompts/" + at + ".txt"
	version := versionLine.FindStringSubmatch(text)
	if version == nil {
		return nil, fmt.Errorf(`%s:1: the first line says which version it is: write "# version 1"`, file)
	}
	system, data, ok := strings.Cut(text[len(version[0]):], "\n=== data\n")
	if !ok {
		return nil, fmt.Errorf(`%s: the line "=== data" is missing; it parts the instructions from what they are about`, file)
	}
	p := &prompt{name: at + " " + version[1] + own}
	var err error
	if p.system, err = template.New(file).Option("missingkey=error").Parse(system); err != nil {
		return nil, fmt.Errorf("prompt %w", err)
	}
	if p.data, err = template.New(file + " (data)").Option("missingkey=error").Parse(data); err != nil {
		return nil, fmt.Errorf("prompt %w", err)
	}
	if !strings.Contains(data, ".Marker") {
		return nil, fmt.Errorf("%s: below \"=== data\" {{.Marker}} must mark what customers wrote, so that a model can tell it from instructions", file)
	}
	return p, nil
}

// CheckPrompts reads the prompts of a brand's folder and names every fault.
func CheckPrompts(fsys fs.FS) error {
	_, err := readPrompts(Options{Prompts: fsys})
	return err
}

// render fills a prompt. Personal data in it becomes placeholders of the map.
func (p *prompts) render(lang, purpose string, view any, m *redact.Map) (name string, system, data redact.Text, err error) {
	x := p.all[lang+"/"+purpose]
	if x == nil {
		x = p.all["en/"+purpose]
	}
	var s, d strings.Builder
	if err := x.system.Execute(&s, view); err != nil {
		return "", system, data, fmt.Errorf("prompt %w", err)
	}
	if err := x.data.Execute(&d, view); err != nil {
		return "", system, data, fmt.Errorf("prompt %w", err)
	}
	return x.name, m.Mask(s.String()), m.Mask(d.String()), nil
}

// clean makes data of what somebody wrote: nothing invisible, nothing that looks
// like one of our marks, and no more than n letters.
func clean(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '«' || r == '»' || r == '⟦' || r == '⟧':
			return '\''
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r >= 0xE0000 && r <= 0xE0FFF, r == utf8.RuneError, r >= 0x115F && r <= 0x1160, r == 0x3164, r == 0xFFA0:
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > n {
		text = string(r[:n]) + " …"
	}
	return strings.TrimSpace(text)
}

// Prompts lists the prompts in use: "ko/write 1", with "own" behind a brand's.
func (m *Models) Prompts() []string {
	var out []string
	for _, p := range m.prompts.all {
		out = append(out, p.name)
	}
	slices.Sort(out)
	return out
}
