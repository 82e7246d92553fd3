package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/onkihq/onki/bot"
)

const (
	fileScheme = "web-file:" // what File.URL of a stored upload begins with
	readLife   = 15 * time.Minute
	filesMax   = 5 // in one message
)

// kept describes an upload between POST /v1/files and the message that carries
// it. It is signed, so that nobody can send a file that was not looked at.
type kept struct {
	Thread string `json:"t"`
	ID     string `json:"i"`
	Name   string `json:"n"`
	Type   string `json:"y"`
	Size   int64  `json:"s"`
}

// reading is the right to read one file for a while.
type reading struct {
	ID    string `json:"i"`
	Name  string `json:"n"`
	Type  string `json:"y"`
	Until int64  `json:"x"`
}

type uploadAnswer struct {
	File string `json:"file"` // to be sent with a message of kind file
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// upload looks at a file, strips what a camera wrote into it and keeps it.
func (c *Channel) upload(w http.ResponseWriter, r *http.Request, a access) {
	if c.o.Files == nil {
		c.refuse(w, r, http.StatusNotImplemented, notHere)
		return
	}
	if wait := c.gate.upload(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	name, data, err := c.readUpload(w, r)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		c.refuse(w, r, http.StatusRequestEntityTooLarge, tooLarge)
		return
	}
	if err != nil || len(data) == 0 {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	kind := sniff(data)
	if kind != "" {
		data, err = withoutMetadata(kind, data)
	}
	if kind == "" || err != nil {
		c.refuse(w, r, http.StatusUnsupportedMediaType, badFile)
		return
	}
	if c.o.Scan != nil {
		if err := c.o.Scan(r.Context(), data); err != nil {
			c.o.Log.Warn("file refused by the scan", "channel", Name, "type", kind, "error", err)
			c.refuse(w, r, http.StatusUnsupportedMediaType, badFile)
			return
		}
	}
	k := kept{a.Thread, fileID(a.Thread), fileName(name), kind, int64(len(data))}
	if err := c.o.Files.Put(r.Context(), k.ID, data); err != nil {
		c.fail(w, r, "keep file", err)
		return
	}
	sealed, err := c.seal("file", k)
	if err != nil {
		c.fail(w, r, "keep file", err)
		return
	}
	answer(w, http.StatusCreated, uploadAnswer{sealed, k.Name, k.Type, k.Size})
}

func (c *Channel) readUpload(w http.ResponseWriter, r *http.Request) (name string, data []byte, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, c.o.Limits.FileSize+4096)
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, err
	}
	p, err := parts.NextPart()
	if err != nil {
		return "", nil, err
	}
	data, err = io.ReadAll(p)
	return p.FileName(), data, err
}

// sniff returns the type a file really has, or "" for one we do not take.
func sniff(data []byte) string {
	kind, _, err := mime.ParseMediaType(http.DetectContentType(data))
	if err != nil {
		return ""
	}
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf":
		return kind
	case "text/plain":
		if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) { // a drawing or page in disguise
			return kind
		}
	}
	return ""
}

// fileName keeps the readable part of a name and nothing that could be a path
// or hide an ending.
func fileName(s string) string {
	s = bot.CleanText(s)
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*;`, r) {
			return '_'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[len(runes)-80:])
	}
	if strings.Trim(s, ". _") == "" {
		return "file"
	}
	return s
}

// attached opens the sealed descriptions that came with a message.
func (c *Channel) attached(a access, sealed []string) ([]bot.File, error) {
	if len(sealed) > filesMax {
		return nil, errToken
	}
	files := make([]bot.File, 0, len(sealed))
	for _, s := range sealed {
		var k kept
		if err := c.unseal("file", s, &k); err != nil || k.Thread != a.Thread {
			return nil, errToken
		}
		files = append(files, bot.File{Name: k.Name, Type: k.Type, Size: k.Size, URL: fileScheme + k.ID})
	}
	return files, nil
}

// FileURL returns an address under which a file that a customer sent can be
// read for a quarter of an hour, for staff and for the customer. It is a path
// on this server; a file from elsewhere keeps its own address.
func (c *Channel) FileURL(f bot.File) string {
	id, ok := strings.CutPrefix(f.URL, fileScheme)
	if !ok {
		return f.URL
	}
	token, err := c.seal("read", reading{id, f.Name, f.Type, c.o.Now().Add(readLife).Unix()})
	if err != nil {
		return ""
	}
	return "/v1/files/" + id + "?t=" + url.QueryEscape(token)
}

// files shows files of a message or reply to the browser.
func (c *Channel) files(all []bot.File) []file {
	var out []file
	for _, f := range all {
		out = append(out, file{f.Name, f.Type, f.Size, c.FileURL(f)})
	}
	return out
}

// download serves one file to whoever holds the right to read it. Nothing but
// a picture is ever shown in place, and no file may run anything.
func (c *Channel) download(w http.ResponseWriter, r *http.Request) {
	var t reading
	err := c.unseal("read", r.URL.Query().Get("t"), &t)
	if err != nil || t.ID != r.PathValue("id") || c.o.Now().After(time.Unix(t.Until, 0)) || c.o.Files == nil {
		c.refuse(w, r, http.StatusNotFound, notFound)
		return
	}
	data, err := c.o.Files.Get(r.Context(), t.ID)
	if errors.Is(err, os.ErrNotExist) {
		c.refuse(w, r, http.StatusNotFound, notFound)
		return
	}
	if err != nil {
		c.fail(w, r, "read file", err)
		return
	}
	h := w.Header()
	show := "attachment"
	if strings.HasPrefix(t.Type, "image/") {
		show = "inline"
	}
	h.Set("Content-Type", t.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(show, map[string]string{"filename": t.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "private, max-age=600")
	_, _ = w.Write(data) // the reader may leave
}
