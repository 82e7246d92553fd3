package slack

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func TestSignatures(t *testing.T) {
	w, _, e := hear(t, nil)
	body := marshal(wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕")))
	now := time.Now()
	for name, c := range map[string]struct {
		change func() *http.Request
		want   int
	}{
		"good":    {func() *http.Request { return signed(secretNow, now, "application/json", body) }, 200},
		"rotated": {func() *http.Request { return signed(secretOld, now, "application/json", body) }, 200},
		"wrong":   {func() *http.Request { return signed("guess", now, "application/json", body) }, 401},
		"old":     {func() *http.Request { return signed(secretNow, now.Add(-6*time.Minute), "application/json", body) }, 401},
		"ahead":   {func() *http.Request { return signed(secretNow, now.Add(6*time.Minute), "application/json", body) }, 401},
		"no signature": {func() *http.Request {
			r := signed(secretNow, now, "application/json", body)
			r.Header.Del("X-Slack-Signature")
			return r
		}, 401},
		"no time": {func() *http.Request {
			r := signed(secretNow, now, "application/json", body)
			r.Header.Del("X-Slack-Request-Timestamp")
			return r
		}, 401},
		"another time": {func() *http.Request {
			r := signed(secretNow, now, "application/json", body)
			r.Header.Set("X-Slack-Request-Timestamp", fmt.Sprint(now.Unix()+1))
			return r
		}, 401},
		"another version": {func() *http.Request {
			r := signed(secretNow, now, "application/json", body)
			r.Header.Set("X-Slack-Signature", strings.Replace(r.Header.Get("X-Slack-Signature"), "v0", "v1", 1))
			return r
		}, 401},
		"another body": {func() *http.Request {
			r := signed(secretNow, now, "application/json", body)
			r.Body = http.NoBody
			return r
		}, 401},
		"too large": {func() *http.Request {
			return signed(secretNow, now, "application/json", bytes.Repeat([]byte("x"), bodyMax+1))
		}, 413},
		"a page": {func() *http.Request { return httptest.NewRequest(http.MethodGet, "/slack", nil) }, 405},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(e.all())
			rec := httptest.NewRecorder()
			w.events.ServeHTTP(rec, c.change())
			if heard := len(e.all()) - before; rec.Code != c.want || heard > 0 != (c.want == 200) {
				t.Fatalf("status %d, heard %d; want %d", rec.Code, heard, c.want)
			}
		})
	}
}

// TestForgery counts what gets in of calls forged, expired and replayed.
func TestForgery(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	ledger := &bot.Memory{}
	now := time.Unix(1_800_000_000, 0)
	w := newWire(t)
	o := w.options()
	o.AppToken, o.Now = "", func() time.Time { return now }
	c := w.channel(o)
	listen(t, c, ledger.Receive)
	body := marshal(wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕")))
	good := signed(secretNow, now, "application/json", body)
	w.events.ServeHTTP(httptest.NewRecorder(), good)
	dice := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for i := range n {
		r := signed(secretNow, now, "application/json", body)
		sum, _ := hex.DecodeString(r.Header.Get("X-Slack-Signature")[3:])
		switch i % 5 {
		case 0: // one bit of the signature
			sum[dice.IntN(len(sum))] ^= 1 << dice.IntN(8)
			r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(sum))
		case 1: // one byte of the body
			other := bytes.Clone(body)
			other[dice.IntN(len(other))] ^= 1 << dice.IntN(7)
			r = signed(secretNow, now, "application/json", body)
			h := r.Header
			r = httptest.NewRequest(http.MethodPost, "/slack", bytes.NewReader(other))
			r.Header = h
		case 2: // expired
			r = signed(secretNow, now.Add(-window-time.Duration(1+dice.IntN(1e6))*time.Second), "application/json", body)
		case 3: // cut short or made up
			r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(sum[:dice.IntN(len(sum))]))
		case 4: // the true call again: answered, but nothing new
			w.events.ServeHTTP(httptest.NewRecorder(), r)
			continue
		}
		rec := httptest.NewRecorder()
		w.events.ServeHTTP(rec, r)
		if rec.Code != http.StatusUnauthorized {
			accepted++
		}
	}
	events, err := ledger.Events(t.Context(), bot.Address{Channel: Name, Thread: "T1/D1/1700000000.000100"}, 0, 10)
	if err != nil || accepted != 0 || len(events) != 1 {
		t.Fatalf("%d of %d got in, %d messages kept, %v; want 0, 1 and nil", accepted, n, len(events), err)
	}
}

func TestChallenge(t *testing.T) {
	w, _, _ := hear(t, nil)
	rec := httptest.NewRecorder()
	w.events.ServeHTTP(rec, signed(secretNow, time.Now(), "application/json", []byte(`{"type":"url_verification","challenge":"3eZbrw1a<b>"}`)))
	if rec.Code != 200 || rec.Body.String() != "3eZbrw1a<b>" || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("%d %q %q", rec.Code, rec.Body, rec.Header())
	}
}

// TestSlowLedger checks the three seconds: Slack is told to come again in time,
// and the message that was kept late is not a second one when it does.
func TestSlowLedger(t *testing.T) {
	w := newWire(t)
	o := w.options()
	o.AppToken, o.Answer = "", 30*time.Millisecond
	c := w.channel(o)
	ledger := &bot.Memory{}
	var mu sync.Mutex
	let := make(chan struct{})
	listen(t, c, func(ctx context.Context, m bot.Message) error {
		mu.Lock()
		wait := let
		mu.Unlock()
		<-wait // a ledger that does not even look at its context
		return ledger.Receive(context.WithoutCancel(ctx), m)
	})
	body := marshal(wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕")))
	start := time.Now()
	if code := w.post("application/json", body); code != 503 || time.Since(start) > time.Second {
		t.Fatalf("status %d after %v; want 503 in time", code, time.Since(start))
	}
	close(let)
	if code := w.post("application/json", body); code != 200 {
		t.Fatalf("status %d for the repeat", code)
	}
	c.in.Wait()
	events, err := ledger.Events(t.Context(), bot.Address{Channel: Name, Thread: "T1/D1/1700000000.000100"}, 0, 10)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d messages, %v; want one", len(events), err)
	}
}

func TestRefusedAndBadMessages(t *testing.T) {
	w, c, e := hear(t, nil)
	body := marshal(wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕")))
	e.refuse = 2
	for i, want := range []int{503, 503, 200, 200} {
		if code := w.post("application/json", body); code != want {
			t.Fatalf("try %d: status %d; want %d", i, code, want)
		}
	}
	c.in.Open(func(context.Context, bot.Message) error { return fmt.Errorf("no: %w", bot.ErrBad) })
	if code := w.post("application/json", body); code != 200 {
		t.Fatalf("status %d for what can never be accepted; want it dropped", code)
	}
	c.in.Close()
	if code := w.post("application/json", body); code != 503 {
		t.Fatalf("status %d while nobody listens; want 503", code)
	}
	c.in.Open(e.deliver)
}

func TestFormsThatAreNotOurs(t *testing.T) {
	w, _, e := hear(t, nil)
	for _, body := range []string{"command=%2Fonki&text=hi", "payload=", "%zz", "payload=" + url.QueryEscape(`{"type":"view_submission"}`), "payload=%7B", "payload=" + url.QueryEscape(`{"type":"block_actions","actions":[{"value":"x","action_id":"p0.0"}]}`)} {
		if code := w.post("application/x-www-form-urlencoded", []byte(body)); code != 200 {
			t.Errorf("status %d for %s", code, body)
		}
	}
	if len(e.all()) != 0 {
		t.Errorf("heard %v", e.all())
	}
}
