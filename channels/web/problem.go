package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/channels/edge"
)

//go:embed words/*.txt
var wordFiles embed.FS

// The words of the widget that it needs only once it has a session. Those it
// needs before are built into it.
//
//go:embed widget/words/*.more.json
var widgetWords embed.FS

// readWords reads the server's own sentences.
func readWords() (edge.Words, error) { return edge.ReadWords(wordFiles, nil) }

// readWidgetWords reads the widget's words and lays the brand's own over them.
// Every language has all words: those it lacks are English.
func readWidgetWords(own map[string]map[string]string) (map[string]map[string]string, error) {
	all := make(map[string]map[string]string)
	for _, lang := range []string{"en", "ko"} {
		text, err := widgetWords.ReadFile("widget/words/" + lang + ".more.json")
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		words := make(map[string]string)
		if err := json.Unmarshal(text, &words); err != nil {
			return nil, fmt.Errorf("read words of %s: %w", lang, err)
		}
		all[lang] = words
	}
	for lang, words := range own {
		if all[lang] == nil {
			all[lang] = maps.Clone(all["en"])
		}
		maps.Copy(all[lang], words)
	}
	return all, nil
}

// word returns a sentence in the language, else in English.
func (c *Channel) word(lang, name string) string {
	if w := c.words[lang][name]; w != "" {
		return w
	}
	return c.words["en"][name]
}

// A problem is an answer that says what went wrong, after RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
}

// The problems, by the last part of their type. A client may rely on them.
const (
	badRequest   = "bad-request"
	tooLarge     = "too-large"
	tooLong      = "text-too-long"
	badToken     = "token"
	badKey       = "key"
	badOrigin    = "origin"
	needIdentity = "identity"
	tooMany      = "rate"
	away         = "unavailable"
	notHere      = "not-offered"
	notFound     = "not-found"
	badFile      = "file-type"
	failed       = "failed"
)

// refuse answers with a problem in the language of the request.
func (c *Channel) refuse(w http.ResponseWriter, r *http.Request, status int, name string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The customer may be gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(problem{"urn:onki:problem:" + name, c.word(language(r), name), status})
}

// refuseFor answers with a problem and when to come back.
func (c *Channel) refuseFor(w http.ResponseWriter, r *http.Request, status int, name string, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	c.refuse(w, r, status, name)
}

// language tells which language the page is in: the widget says so in
// Accept-Language.
func language(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "ko") {
		return "ko"
	}
	return "en"
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // as above
}
