package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"

	"github.com/onkihq/onki/bot"
)

//go:embed demo
var demoFiles embed.FS

// A Page says which demo page to serve.
type Page struct {
	Kind  string // "shop", "airline", or "" for a plain page of any brand
	Key   string // the public key the page embeds
	Brand Brand  // for a plain page: its name and colour; may be left empty for shop and airline
}

// ErrDemo says that there is no such demo page.
var ErrDemo = errors.New("no such demo page")

// demoKinds are the pages with a look of their own.
func demoKinds() []string { return []string{"shop", "airline"} }

// demoData is what a demo template knows.
type demoData struct {
	Lang, Key, Name, Accent, Initial string
}

// Demo serves a page of an example brand at "/", with the chat on it, in
// Korean and English ("/?lang=en"), and what the page needs under "/demo/".
// Mount it beside Channel.Handler.
func Demo(p Page) (http.Handler, error) {
	name := p.Kind
	if name == "" {
		name = "plain"
	} else if !slices.Contains(demoKinds(), name) {
		return nil, fmt.Errorf("%w: %q, there are %v", ErrDemo, p.Kind, demoKinds())
	}
	if len(p.Brand.Name) == 0 {
		p.Brand = DemoBrand(p.Kind)
	}
	pages, err := template.ParseFS(demoFiles, "demo/*.html")
	if err != nil {
		return nil, fmt.Errorf("read demo pages: %w", err)
	}
	files, err := fs.Sub(demoFiles, "demo")
	if err != nil {
		return nil, fmt.Errorf("read demo pages: %w", err)
	}
	serveFile := http.StripPrefix("/demo/", http.FileServerFS(files))
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		lang := pageLanguage(r)
		if lang != "ko" {
			lang = "en"
		}
		d := demoData{Lang: lang, Key: p.Key, Name: in(p.Brand.Name, lang), Accent: "#2f6f6a"}
		if a, err := Accent(p.Brand.Accent); err == nil {
			d.Accent = a
		}
		if runes := []rune(d.Name); len(runes) > 0 {
			d.Initial = string(runes[0])
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
		// A visitor who leaves in the middle needs no error.
		_ = pages.ExecuteTemplate(w, name+"."+lang+".html", d)
	})
	m.HandleFunc("GET /demo/{file...}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'") // drawings style themselves
		serveFile.ServeHTTP(w, r)
	})
	return m, nil
}

// demoBrand is how demo/brands.json tells of a brand.
type demoBrand struct {
	Slug     string                  `json:"slug"`
	Name     map[string]string       `json:"name"`
	Accent   string                  `json:"accent"`
	Person   map[string]string       `json:"person"`
	Hours    map[string]string       `json:"hours"`
	Greeting map[string]string       `json:"greeting"`
	Starters map[string][]bot.Choice `json:"starters"`
}

// DemoBrand returns the brand of a demo page, "shop" or "airline", as the chat
// shows it; the zero Brand for any other name.
func DemoBrand(kind string) Brand {
	text, err := demoFiles.ReadFile("demo/brands.json")
	if err != nil {
		return Brand{} // unreachable: the file is built in
	}
	var all map[string]demoBrand
	if err := json.Unmarshal(text, &all); err != nil {
		return Brand{} // unreachable: a test reads it
	}
	b := all[kind]
	return Brand{Slug: b.Slug, Name: b.Name, Accent: b.Accent, Person: b.Person, Hours: b.Hours, Greeting: b.Greeting, Starters: b.Starters}
}
