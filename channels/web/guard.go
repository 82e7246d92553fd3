package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const bodyMax = 64 << 10 // bytes of one JSON call

// Handler serves everything of the chat: the calls under /v1, /widget.js, /widget.css and
// /chat/<brand>. Mount it at the root of a host, behind TLS.
func (c *Channel) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /v1/session", c.session)
	m.HandleFunc("POST /v1/identify", c.session)
	m.HandleFunc("GET /v1/events", c.known(c.events))
	m.HandleFunc("POST /v1/messages", c.known(c.postMessage))
	m.HandleFunc("GET /v1/messages", c.known(c.history))
	m.HandleFunc("POST /v1/handoff", c.known(c.handoff))
	m.HandleFunc("POST /v1/typing", c.known(c.typing))
	m.HandleFunc("POST /v1/consent", c.known(c.consent))
	m.HandleFunc("POST /v1/files", c.known(c.upload))
	m.HandleFunc("GET /v1/files/{id}", c.download)
	m.HandleFunc("POST /v1/link", c.known(c.link))
	m.HandleFunc("GET /v1/me/export", c.known(c.export))
	m.HandleFunc("DELETE /v1/me", c.known(c.erase))
	m.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) { c.refuse(w, r, http.StatusNotFound, notFound) })
	m.Handle("GET /widget.js", c.static.script)
	m.Handle("GET /widget.css", c.static.sheet)
	m.HandleFunc("GET /chat/{brand}", c.page)
	return c.guarded(m)
}

// guarded checks where a call comes from before anything else looks at it.
func (c *Channel) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !c.welcome(r, origin) {
			c.refuse(w, r, http.StatusForbidden, badOrigin)
			return
		}
		if origin != "" {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Retry-After")
		}
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, Accept-Language")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// welcome reports whether any key lets this origin in. Which key it is, and
// whether it lets this very origin in, is checked again when the key is known.
func (c *Channel) welcome(r *http.Request, origin string) bool {
	return slices.ContainsFunc(c.o.Keys, func(k Key) bool { return k.admits(r, origin) })
}

// admits reports whether a request may use the key. A browser names the origin
// of every call that could come from elsewhere; a call without one comes from
// our own page or not from a browser at all.
func (k Key) admits(r *http.Request, origin string) bool {
	if origin == "" {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && u.Host == r.Host {
		return true // our own pages: /chat/<brand>, the demo
	}
	return slices.Contains(k.Origins, origin) || slices.Contains(k.Origins, "*")
}

// key finds a key by its ID.
func (c *Channel) key(id string) (Key, bool) {
	i := slices.IndexFunc(c.o.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return c.o.Keys[i], true
}

// known lets a call through that carries an access token, from a page its key
// belongs to.
func (c *Channel) known(next func(http.ResponseWriter, *http.Request, access)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a := c.bearer(w, r); a != nil {
			next(w, r, *a)
		}
	}
}

// bearer returns what the token of a call says, or answers with a problem.
func (c *Channel) bearer(w http.ResponseWriter, r *http.Request) *access {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, err := c.readAccess(token)
	if !ok || err != nil {
		c.refuse(w, r, http.StatusUnauthorized, badToken)
		return nil
	}
	k, ok := c.key(a.Key)
	if !ok || k.Identity.Mode == "require" && a.User == "" {
		c.refuse(w, r, http.StatusUnauthorized, badToken)
		return nil
	}
	if !k.admits(r, r.Header.Get("Origin")) {
		c.refuse(w, r, http.StatusForbidden, badOrigin)
		return nil
	}
	return &a
}

// read decodes a JSON call and answers with a problem when it cannot. Only
// application/json is taken: a page elsewhere cannot send that without asking
// first.
func (c *Channel) read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		c.refuse(w, r, http.StatusUnsupportedMediaType, badRequest)
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax))
	err := d.Decode(v)
	if err == nil && d.Decode(new(struct{})) != io.EOF {
		err = errors.New("more than one value")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &large):
		c.refuse(w, r, http.StatusRequestEntityTooLarge, tooLarge)
	default:
		c.refuse(w, r, http.StatusBadRequest, badRequest)
	}
	return false
}
