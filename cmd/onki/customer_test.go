package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A customer is a browser as the tests of serve play it: the calls of the
// widget, made by hand.
type customer struct {
	t                    *testing.T
	base, key, token     string
	visitor, user, proof string
}

func (c *customer) call(method, path, kind string, body io.Reader, out any) int {
	c.t.Helper()
	r, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	if out != nil && answer.StatusCode < 300 {
		if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
			c.t.Fatal(err)
		}
	}
	return answer.StatusCode
}

func (c *customer) post(path string, body, out any) int {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.call(http.MethodPost, path, "application/json", bytes.NewReader(text), out)
}

// begin opens a session and returns what the server answered.
func (c *customer) begin() (code int, banner string) {
	c.t.Helper()
	var s struct{ Token, Visitor, Banner string }
	code = c.post("/v1/session", map[string]string{"key": c.key, "lang": "ko", "visitor": c.visitor, "user": c.user, "hash": c.proof}, &s)
	c.token, c.visitor = s.Token, s.Visitor
	return code, s.Banner
}

func (c *customer) say(cid, text string, files ...string) int {
	c.t.Helper()
	kind := "text"
	if len(files) > 0 {
		kind = "file"
	}
	return c.post("/v1/messages", map[string]any{"cid": cid, "kind": kind, "text": text, "lang": "ko", "files": files}, nil)
}

// attach uploads a text file and returns the right to send it.
func (c *customer) attach(text string) string {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	p, err := w.CreateFormFile("file", "note.txt")
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = io.WriteString(p, text)
	_ = w.Close()
	var a struct{ File string }
	if code := c.call(http.MethodPost, "/v1/files", w.FormDataContentType(), &b, &a); code != http.StatusCreated {
		c.t.Fatalf("upload: %d", code)
	}
	return a.File
}

// export is everything the server tells the customer of themselves.
func (c *customer) export() string {
	c.t.Helper()
	var all json.RawMessage
	if code := c.call(http.MethodGet, "/v1/me/export", "application/json", nil, &all); code != http.StatusOK {
		c.t.Fatalf("export: %d", code)
	}
	return string(all)
}

// holding lists the files under dir that hold any of the words, by name.
func holding(t *testing.T, dir string, words ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(data, []byte(w)) || strings.Contains(filepath.Base(path), w) {
				found = append(found, filepath.Base(path)+": "+w)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func soon(t *testing.T, what string, true_ func() bool) {
	t.Helper()
	for range 600 {
		if true_() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("waited in vain: " + what)
}

// TestErasedMeansGone: after a customer deletes their conversation, no byte of
// what they wrote, were told or attached is left in the folder of the ledger,
// and what another customer wrote is.
func TestErasedMeansGone(t *testing.T) {
	dir := t.TempDir()
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.LogLevel = freeAddr(t), "sqlite:"+filepath.Join(dir, "onki.db"), "error"
	startServer(t, cfg)
	gone := &customer{t: t, base: "http://" + cfg.Addr, key: "pk_shop"}
	stays := &customer{t: t, base: gone.base, key: "pk_shop"}
	gone.begin()
	stays.begin()
	words := []string{"자작나무코끼리", "attached-canary-77", "unsent-canary-78"}
	if code := gone.say("canary-0001", "주문이 안 와요 "+words[0], gone.attach(words[1])); code != http.StatusAccepted {
		t.Fatalf("message: %d", code)
	}
	gone.attach(words[2]) // uploaded and never sent
	stays.say("stays-0001", "저는 남아요 느티나무두루미", stays.attach("other-canary-79"))
	soon(t, "answers", func() bool {
		return strings.Contains(gone.export(), `"kind":"reply"`) && strings.Contains(stays.export(), `"kind":"reply"`)
	})
	for _, w := range words {
		if len(holding(t, dir, w)) == 0 {
			t.Fatalf("%s was never written: the test proves nothing", w)
		}
	}
	if code := gone.call(http.MethodDelete, "/v1/me", "application/json", nil, nil); code != http.StatusNoContent {
		t.Fatalf("erase: %d", code)
	}
	if found := holding(t, dir, words...); len(found) > 0 {
		t.Errorf("left after erasure: %v", found)
	}
	if found := holding(t, dir, "느티나무두루미", "other-canary-79"); len(found) < 2 {
		t.Errorf("another customer lost something: %v is all that is left", found)
	}
	if strings.Contains(gone.export(), "reply") {
		t.Error("the conversation is still told")
	}
}

// brandFolder writes a small brand to a folder of its own.
func brandFolder(t *testing.T, more string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mine")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "brand.yaml"), []byte("name: {ko: 우리 집, en: Our House}\n"+more), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestIdentityOfServe: require lets nobody in without proof, not even to write.
func TestIdentityOfServe(t *testing.T) {
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.Brand, cfg.LogLevel = freeAddr(t), "memory:", brandFolder(t, "identity: require\n"), "error"
	if err := serve(t.Context(), cfg, streams{strings.NewReader(""), io.Discard, io.Discard}); err == nil || !strings.Contains(err.Error(), "ONKI_IDENTITY_KEY_FILE") {
		t.Fatalf("require without a key: %v", err)
	}
	cfg.IdentityHMAC = "a secret of the brand's server"
	startServer(t, cfg)
	c := &customer{t: t, base: "http://" + cfg.Addr, key: "pk_mine"}
	if code, _ := c.begin(); code != http.StatusUnauthorized {
		t.Errorf("without proof: %d", code)
	}
	h := hmac.New(sha256.New, []byte(cfg.IdentityHMAC))
	h.Write([]byte("customer-7"))
	c.user, c.proof = "customer-8", hex.EncodeToString(h.Sum(nil))
	if code, _ := c.begin(); code != http.StatusUnauthorized {
		t.Errorf("with another's proof: %d", code)
	}
	c.user = "customer-7"
	if code, _ := c.begin(); code != http.StatusOK || c.visitor != "" {
		t.Errorf("with proof: %d, visitor %q", code, c.visitor)
	}
	if code := c.say("proven-0001", "안녕하세요"); code != http.StatusAccepted {
		t.Errorf("message: %d", code)
	}
}

// TestBannerIsPushed: a banner written into brand.yaml reaches an open chat.
func TestBannerIsPushed(t *testing.T) {
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.Brand, cfg.LogLevel = freeAddr(t), "memory:", brandFolder(t, ""), "warn"
	log, _ := startServer(t, cfg)
	c := &customer{t: t, base: "http://" + cfg.Addr, key: "pk_mine"}
	if code, banner := c.begin(); code != http.StatusOK || banner != "" {
		t.Fatalf("%d, banner %q", code, banner)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Accept-Language", "ko")
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	file := filepath.Join(cfg.Brand, "brand.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the stream ended without %q: %v\n%s", want, lines.Err(), log)
	}
	until("event: hello")
	brand := "name: {ko: 우리 집, en: Our House}\n"
	write(brand + "banner: {ko: 지금 결제가 늦어지고 있습니다, en: Payments are slow right now}\n")
	until("지금 결제가 늦어지고 있습니다")
	write(brand + "banner: [half written\n")
	soon(t, "a warning", func() bool { return strings.Contains(log.String(), "the banner stays as it is") })
	if _, banner := c.begin(); !strings.Contains(banner, "결제") {
		t.Errorf("a slip of the pen took the notice away: %q", banner)
	}
	write(fmt.Sprint(brand))
	until(`data: ""`)
}
