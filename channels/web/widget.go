package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed dist/widget.js
var widgetFile []byte

// moreFile is the style of what nobody sees before the first message; widgetFile
// names its hash.
//
//go:embed dist/widget.css
var moreFile []byte

//go:embed page/*.html
var pageFiles embed.FS

// static is what is served as it is, made ready once.
type static struct {
	script, sheet asset
	pages         *template.Template
}

// An asset is a file for any page: it is public and knows nobody.
type asset struct {
	kind, gz, tag string
	body          []byte
}

func readStatic() (static, error) {
	script, err := newAsset("text/javascript; charset=utf-8", widgetFile)
	if err != nil {
		return static{}, err
	}
	sheet, err := newAsset("text/css; charset=utf-8", moreFile)
	if err != nil {
		return static{}, err
	}
	pages, err := template.ParseFS(pageFiles, "page/*.html")
	if err != nil {
		return static{}, fmt.Errorf("read pages: %w", err)
	}
	return static{script, sheet, pages}, nil
}

func newAsset(kind string, body []byte) (asset, error) {
	var z bytes.Buffer
	zw, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return asset{}, fmt.Errorf("compress widget: %w", err)
	}
	if _, err := zw.Write(body); err != nil {
		return asset{}, fmt.Errorf("compress widget: %w", err)
	}
	if err := zw.Close(); err != nil {
		return asset{}, fmt.Errorf("compress widget: %w", err)
	}
	sum := sha256.Sum256(body)
	return asset{kind: kind, gz: z.String(), tag: fmt.Sprintf(`"%x"`, sum[:8]), body: body}, nil
}

// ServeHTTP serves the asset.
func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("ETag", a.tag)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	// A customer who leaves in the middle of it needs no error.
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte(a.gz))
		return
	}
	_, _ = w.Write(a.body)
}

// page serves the chat as a page of its own, for links and frames.
func (c *Channel) page(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("brand") != c.o.Brand.Slug {
		http.NotFound(w, r)
		return
	}
	k := c.o.Keys[0]
	if id := r.URL.Query().Get("key"); id != "" {
		var ok bool
		if k, ok = c.key(id); !ok {
			http.NotFound(w, r)
			return
		}
	}
	lang := pageLanguage(r)
	w.Header().Set("Content-Security-Policy", pagePolicy(k))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	data := struct{ Lang, Name, Key string }{lang, in(c.o.Brand.Name, lang), k.ID}
	if err := c.static.pages.ExecuteTemplate(w, "chat.html", data); err != nil {
		c.o.Log.Warn("chat page not written", "error", err)
	}
}

// pagePolicy lets the page run the widget and talk to us, and lets only the
// key's own pages frame it.
func pagePolicy(k Key) string {
	frames := "'self' " + strings.Join(k.Origins, " ")
	return "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; " +
		"base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors " + frames
}

// pageLanguage is the language of a page: what the address asks for, else what
// the browser prefers.
func pageLanguage(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); langRule.MatchString(lang) {
		return lang
	}
	for want := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(want), ";")
		short, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains([]string{"ko", "en"}, short) {
			return short
		}
	}
	return "en"
}

// Integrity returns the hash of the widget for the integrity attribute of a
// script element, so that a browser runs this very file and no other.
func Integrity() string {
	sum := sha512.Sum384(widgetFile)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Snippet returns the lines to put into a page: the address of this server,
// such as https://help.shop.example, a public key, and the language of the
// page ("" lets the widget follow the page). With pin it carries the
// integrity hash, and has to be renewed with every new version of the widget.
func Snippet(server, key, lang string, pin bool) string {
	var b strings.Builder
	attr := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, ` %s="%s"`, name, template.HTMLEscapeString(value))
		}
	}
	b.WriteString("<script")
	attr("src", strings.TrimSuffix(server, "/")+"/widget.js")
	attr("data-key", key)
	attr("data-lang", lang)
	if pin {
		attr("integrity", Integrity())
		attr("crossorigin", "anonymous")
	}
	b.WriteString(" defer></script>\n")
	return b.String()
}
