package web

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// widgetMax is the promise to every page that embeds the widget.
const widgetMax = 16 << 10

// sheetMax is the promise for the style that is fetched when the chat is opened.
const sheetMax = 2 << 10

func TestWidgetIsSmall(t *testing.T) {
	s, err := readStatic()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []struct {
		name string
		asset
		most int
	}{{"widget.js", s.script, widgetMax}, {"widget.css", s.sheet, sheetMax}} {
		t.Logf("%s: %d bytes, %d gzip", a.name, len(a.body), len(a.gz))
		if len(a.gz) > a.most {
			t.Errorf("%s has %d bytes in gzip, %d are allowed: take something out", a.name, len(a.gz), a.most)
		}
	}
	sum := sha512.Sum384(moreFile)
	if hash := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); !bytes.Contains(widgetFile, []byte(hash)) {
		t.Errorf("widget.js does not name the hash %s of widget.css: run go generate ./channels/web", hash)
	}
}

// The built file must be what the sources say.
func TestWidgetIsBuiltFromItsSources(t *testing.T) {
	if testing.Short() {
		t.Skip("builds with esbuild")
	}
	dir := t.TempDir()
	build := exec.Command("./widget/build.sh", dir)
	out, err := build.CombinedOutput()
	if err != nil {
		if bytes.Contains(out, []byte("dial tcp")) || bytes.Contains(out, []byte("module lookup disabled")) || bytes.Contains(out, []byte("no such host")) {
			t.Skipf("esbuild cannot be fetched here, so the widget was not rebuilt: %s", out)
		}
		t.Fatalf("build widget: %v\n%s", err, out)
	}
	for name, committed := range map[string][]byte{"widget.js": widgetFile, "widget.css": moreFile} {
		built, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(built, committed) {
			t.Errorf("dist/%s differs from its sources: run go generate ./channels/web and commit it", name)
		}
	}
}

// Nothing in the widget may run text as code or markup, or need a looser policy.
func TestWidgetHasNoSinks(t *testing.T) {
	for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "createContextualFragment", "setAttribute(\"style\"", "<style", "EventSource", "XMLHttpRequest", "document.cookie"} {
		if bytes.Contains(widgetFile, []byte(sink)) {
			t.Errorf("widget.js holds %q", sink)
		}
	}
}

func TestWidgetWordsAreComplete(t *testing.T) {
	source := ""
	files, err := filepath.Glob("widget/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source += string(text)
	}
	hangul := regexp.MustCompile(`\p{Hangul}`)
	for _, set := range []string{"", ".more"} {
		var ko, en map[string]string
		for lang, into := range map[string]*map[string]string{"ko": &ko, "en": &en} {
			text, err := os.ReadFile("widget/words/" + lang + set + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, into); err != nil {
				t.Fatal(err)
			}
		}
		for key, text := range en {
			if hangul.MatchString(text) {
				t.Errorf("%s is Korean in English: %q", key, text)
			}
			if ko[key] == "" || !hangul.MatchString(ko[key]) {
				t.Errorf("%s is not said in Korean: %q", key, ko[key])
			}
			if !strings.Contains(source, "'"+key+"'") {
				t.Errorf("%s is not used", key)
			}
		}
		if len(ko) != len(en) {
			t.Errorf("%d words in Korean, %d in English", len(ko), len(en))
		}
	}
}

func TestServerWordsAreComplete(t *testing.T) {
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{badRequest, tooLarge, tooLong, badToken, badKey, badOrigin, needIdentity, tooMany, away, notHere, notFound, badFile, failed, "human"} {
		for _, lang := range []string{"ko", "en"} {
			if words[lang][name] == "" {
				t.Errorf("%s has no words in %s", name, lang)
			}
		}
	}
}

func TestServingTheWidget(t *testing.T) {
	h := open(t, nil)
	resp := h.want(200, "GET", "/widget.js", "", nil, nil, nil)
	tag := resp.Header.Get("ETag")
	if resp.Header.Get("Cache-Control") != "public, max-age=300" || tag == "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("headers %v", resp.Header)
	}
	h.want(304, "GET", "/widget.js", "", nil, nil, header{"If-None-Match": tag})
	if resp, sheet := h.do("GET", "/widget.css", "", nil, nil); !bytes.Equal(sheet, moreFile) || resp.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the sheet has %d bytes and %v", len(sheet), resp.Header)
	}
	resp, page := h.do("GET", "/chat/haneul-market?lang=ko", "", nil, nil)
	policy := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "require-trusted-types-for 'script'", "frame-ancestors 'self' https://shop.example", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the page's policy lacks %s: %s", want, policy)
		}
	}
	if !bytes.Contains(page, []byte(`lang="ko"`)) || !bytes.Contains(page, []byte("하늘마켓")) || bytes.Contains(page, []byte("style")) {
		t.Errorf("page %s", page)
	}
	h.want(404, "GET", "/chat/other", "", nil, nil, nil)
	h.want(404, "GET", "/chat/haneul-market?key=pk_other", "", nil, nil, nil)
}

func TestSnippet(t *testing.T) {
	want := `<script src="https://help.shop.example/widget.js" data-key="pk_1" data-lang="ko" defer></script>` + "\n"
	if got := Snippet("https://help.shop.example/", "pk_1", "ko", false); got != want {
		t.Errorf("got %s", got)
	}
	pinned := Snippet("https://help.shop.example", `pk"><b`, "", true)
	if !strings.Contains(pinned, `integrity="sha384-`) || !strings.Contains(pinned, `crossorigin="anonymous"`) || strings.Contains(pinned, "<b") {
		t.Errorf("got %s", pinned)
	}
}

func TestAccent(t *testing.T) {
	for in, want := range map[string]string{"#2f6f6a": "#2f6f6a", "#000": "#000000", "#1d5a94": "#1d5a94"} {
		if got, err := Accent(in); err != nil || got != want {
			t.Errorf("Accent(%s) = %s, %v", in, got, err)
		}
	}
	for _, light := range []string{"#ffffff", "#ff0", "#ff8800", "#8fd3c8"} {
		got, err := Accent(light)
		if err != nil {
			t.Fatal(err)
		}
		if rgb, err := parseColour(got); err != nil || contrast(rgb) < contrastMin {
			t.Errorf("Accent(%s) = %s, which is too light for white text", light, got)
		}
	}
	for _, bad := range []string{"", "#", "teal", "#12345", "#gggggg", "2f6f6a", "#2f6f6a00"} {
		if got, err := Accent(bad); err == nil {
			t.Errorf("Accent(%q) = %s, want an error", bad, got)
		}
	}
}

func TestDemo(t *testing.T) {
	for _, kind := range []string{"shop", "airline", ""} {
		brand := DemoBrand(kind)
		if kind == "" {
			brand = DemoBrand("shop")
		}
		h, err := Demo(Page{Kind: kind, Key: "pk_demo", Brand: brand})
		if err != nil {
			t.Fatal(err)
		}
		for lang, name := range brand.Name {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/?lang="+lang, nil))
			page := w.Body.String()
			if w.Code != 200 || !strings.Contains(page, name) || !strings.Contains(page, `data-key="pk_demo"`) || !strings.Contains(page, `<html lang="`+lang+`"`) || !strings.Contains(page, "</html>") {
				t.Errorf("%s in %s: %d %.200s", kind, lang, w.Code, page)
			}
			for _, m := range regexp.MustCompile(`(?:src|href)="(/demo/[^"]+)"`).FindAllStringSubmatch(page, -1) {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", m[1], nil))
				if w.Code != 200 {
					t.Errorf("%s: %s answers %d", kind, m[1], w.Code)
				}
			}
			if regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).MatchString(page) {
				t.Errorf("%s in %s fetches from elsewhere", kind, lang)
			}
		}
	}
	if _, err := Demo(Page{Kind: "bank"}); err == nil {
		t.Error("a page that does not exist was made")
	}
	if DemoBrand("shop").Name["ko"] != "하늘마켓" || DemoBrand("airline").Name["en"] != "Baram Air" {
		t.Error("the example brands have other names")
	}
}
