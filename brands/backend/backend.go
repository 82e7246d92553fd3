// Package backend is the demo back office of the example brands: a small HTTP
// server whose records are written in a brand's demo.yaml, so that look-ups and
// actions really run without any setup.
package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

// file is where a brand's demo records are.
const file = "demo.yaml"

// An Office is the back office of one brand. It forgets everything with the
// process.
type Office struct {
	now func() time.Time

	mu      sync.Mutex
	records map[string]map[string]record // collection, then ID
	verbs   map[string]verb
	done    map[string]reply // by idempotency key
}

type record map[string]any

// A verb is an action: when it is possible, what it changes and what it answers.
type verb struct {
	When map[string][]string `yaml:"when"` // fields and the values they may have
	Set  map[string]string   `yaml:"set"`
	Give map[string]any      `yaml:"give"` // "$field" is a field of the record
}

type reply struct {
	status int
	body   record
}

type sheet struct {
	Records map[string]map[string]record `yaml:"records"`
	Verbs   map[string]verb              `yaml:"verbs"`
}

// ErrNone from Open: the brand has no demo back office.
var ErrNone = errors.New("there is no demo.yaml")

// Open reads the demo back office of a brand's folder. now is the clock by which
// "today+2" is understood; nil means time.Now.
func Open(fsys fs.FS, now func() time.Time) (*Office, error) {
	text, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("demo back office: %w", err)
	}
	var s sheet
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if now == nil {
		now = time.Now
	}
	return &Office{now: now, records: s.Records, verbs: s.Verbs, done: make(map[string]reply)}, nil
}

// Records returns how many records each collection has.
func (o *Office) Records() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := make(map[string]int)
	for name, c := range o.records {
		n[name] = len(c)
	}
	return n
}

// ServeHTTP answers GET /COLLECTION/ID and POST /COLLECTION/ID/VERB. A record
// with "trouble" plays a system in trouble: down (503) or slow (no answer until
// the caller gives up). One that lies is simply written down wrongly. One with
// "guard" is told and changed only for the customer named there, or for who
// knows everything else that is written there; to all others it is not there.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 {
		send(w, http.StatusNotFound, record{"error": "not found"})
		return
	}
	o.mu.Lock()
	rec, ok := o.records[parts[0]][parts[1]]
	trouble, _ := rec["trouble"].(string)
	o.mu.Unlock()
	switch {
	case !ok || !allowed(rec, r):
		send(w, http.StatusNotFound, record{"error": "not found"})
	case trouble == "down":
		send(w, http.StatusServiceUnavailable, record{"error": "down"})
	case trouble == "slow":
		<-r.Context().Done()
	case r.Method == http.MethodGet && len(parts) == 2:
		send(w, http.StatusOK, o.show(rec, language(r)))
	case r.Method == http.MethodPost && len(parts) == 3:
		res := o.act(r.Header.Get("Idempotency-Key"), parts[2], rec, language(r))
		send(w, res.status, res.body)
	default:
		send(w, http.StatusMethodNotAllowed, record{"error": "method"})
	}
}

// allowed reports whether the caller may know of the record: whom the channel
// vouches for owns it, or somebody else has proven it.
func allowed(rec record, r *http.Request) bool {
	guard, guarded := rec["guard"].(map[string]any)
	if !guarded {
		return true
	}
	said := make(map[string]string)
	for name := range r.URL.Query() {
		said[name] = r.URL.Query().Get(name)
	}
	if r.Method == http.MethodPost {
		var call struct {
			Customer string
			Args     map[string]string
		}
		if json.NewDecoder(http.MaxBytesReader(nil, r.Body, 64<<10)).Decode(&call) != nil {
			return false
		}
		said = call.Args
		if said == nil {
			said = make(map[string]string)
		}
		said["customer"] = call.Customer
	}
	if who := said["customer"]; who != "" {
		return who == fmt.Sprint(guard["customer"])
	}
	for name, want := range guard {
		if name != "customer" && (said[name] == "" || !strings.HasSuffix(said[name], fmt.Sprint(want))) {
			return false
		}
	}
	return len(guard) > 1
}

// act does a verb once for each key; a repeat gets the same answer.
func (o *Office) act(key, name string, rec record, lang string) reply {
	o.mu.Lock()
	if before, ok := o.done[key]; ok && key != "" {
		o.mu.Unlock()
		return before
	}
	v, ok := o.verbs[name]
	res := reply{http.StatusNotFound, record{"error": "no such action"}}
	if ok {
		res = reply{http.StatusConflict, record{"error": "not possible"}}
	}
	if ok && v.possible(rec) {
		body := record{}
		for field, x := range v.Give {
			if from, isField := strings.CutPrefix(fmt.Sprint(x), "$"); isField {
				x = rec[from]
			}
			body[field] = o.plain(x, lang)
		}
		for field, x := range v.Set {
			rec[field] = x
		}
		res = reply{http.StatusOK, body}
	}
	o.done[key] = res
	o.mu.Unlock()
	return res
}

func (v verb) possible(rec record) bool {
	for field, allowed := range v.When {
		found := false
		for _, a := range allowed {
			found = found || fmt.Sprint(rec[field]) == a
		}
		if !found {
			return false
		}
	}
	return true
}

func (o *Office) show(rec record, lang string) record {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := record{}
	for k, v := range maps.All(rec) {
		if k != "trouble" && k != "guard" {
			out[k] = o.plain(v, lang)
		}
	}
	return out
}

// plain turns "today+2" into a date and {ko, en} into the language asked for.
func (o *Office) plain(v any, lang string) any {
	switch x := v.(type) {
	case map[string]any:
		if s, ok := x[lang]; ok {
			return s
		}
		return x["en"]
	case string:
		if rest, ok := strings.CutPrefix(x, "today"); ok {
			n, err := strconv.Atoi(strings.TrimPrefix(rest, "+"))
			if rest == "" || err == nil {
				return o.now().AddDate(0, 0, n).Format(time.DateOnly)
			}
		}
	}
	return v
}

func language(r *http.Request) string {
	if strings.HasPrefix(r.Header.Get("Accept-Language"), "ko") {
		return "ko"
	}
	return "en"
}

func send(w http.ResponseWriter, status int, body record) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that has gone needs no answer
}
