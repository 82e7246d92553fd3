package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func TestConversation(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	if s.Last != 0 || len(s.Events) != 0 || s.Owner != "bot" || s.Config.Name != "Haneul Market" {
		t.Fatalf("a new visitor got %+v", s)
	}
	frames, resp := h.listen(s.Token, "")
	for name, want := range map[string]string{"X-Accel-Buffering": "no", "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store, no-transform"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if f := next(t, frames, "hello"); !strings.Contains(f.data, s.Epoch) || f.id != "" {
		t.Errorf("hello is %+v, want the epoch %s and no id", f, s.Epoch)
	}
	if m := h.say(s.Token, "cid-00001", "hi there"); m.Seq != 1 || m.CID != "cid-00001" {
		t.Errorf("answered %+v", m)
	}
	var m, r event
	f := next(t, frames, "message")
	if err := json.Unmarshal([]byte(f.data), &m); err != nil || m.ID != "cid-00001" || m.Text != "hi there" || f.id != "1" {
		t.Errorf("message frame %+v, %v", f, err)
	}
	f = next(t, frames, "reply")
	if err := json.Unmarshal([]byte(f.data), &r); err != nil || f.id != "2" || len(r.Parts) != 1 || r.Parts[0].Text != "re: hi there" {
		t.Fatalf("reply frame %+v, %v", f, err)
	}
	if src := r.Parts[0].Sources; len(src) != 1 || src[0].Title != "Delivery" {
		t.Errorf("sources %+v, want the public one", src)
	}
	for _, secret := range []string{"anger", "reading", "plan", "emotion", "intensity"} {
		if strings.Contains(strings.ToLower(f.data), secret) {
			t.Errorf("the browser is told of %q: %s", secret, f.data)
		}
	}
}

func TestRepeatedMessageIsOne(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	first := h.say(s.Token, "cid-same1", "once")
	h.say(s.Token, "cid-other", "between")
	for range 3 {
		if again := h.say(s.Token, "cid-same1", "once"); again != first {
			t.Errorf("a repeat answered %+v, the first %+v", again, first)
		}
	}
	// a client that knows later events still gets the place of the first
	var far messageAnswer
	h.want(202, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-same1", Kind: "text", Text: "once", After: 2}, &far, nil)
	if far != first {
		t.Errorf("a repeat with a later hint answered %+v, the first %+v", far, first)
	}
	time.Sleep(50 * time.Millisecond)
	events, err := h.ledger.Events(context.Background(), address(s.Thread), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if e.Message != nil && e.Message.Text == "once" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the message is there %d times", n)
	}
}

func TestSameIDFromTwoVisitorsIsTwo(t *testing.T) {
	h := open(t, nil)
	a, b := h.begin(""), h.begin("")
	h.say(a.Token, "cid-shared", "from a")
	h.say(b.Token, "cid-shared", "from b")
	s := h.begin(b.Visitor)
	if len(s.Events) == 0 || s.Events[0].Text != "from b" {
		t.Errorf("the second visitor's message is lost: %+v", s.Events)
	}
}

func TestNothingIsAcknowledgedBeforeItIsSafe(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	h.ledger.setRefuse(errFull)
	resp := h.want(503, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-full1", Kind: "text", Text: "hello"}, nil, nil)
	if resp.Header.Get("Retry-After") == "" {
		t.Error("no time to try again was given")
	}
	h.ledger.setRefuse(nil)
	if m := h.say(s.Token, "cid-full1", "hello"); m.Seq != 1 {
		t.Errorf("after recovery %+v", m)
	}
}

func TestResumeFromSequence(t *testing.T) {
	h := open(t, func(o *Options) { o.Limits.Streams = -1 })
	s := h.begin("")
	for i := range 5 {
		h.say(s.Token, fmt.Sprintf("cid-%05d", i), strconv.Itoa(i))
		h.until(func() bool {
			e, _ := h.ledger.Events(context.Background(), address(s.Thread), int64(2*i+1), 1)
			return len(e) == 1
		})
	}
	for after := range 11 {
		frames, _ := h.listen(s.Token, strconv.Itoa(after))
		for want := after + 1; want <= 10; want++ {
			name := "message"
			if want%2 == 0 {
				name = "reply"
			}
			if f := next(t, frames, name); f.id != strconv.Itoa(want) {
				t.Fatalf("after %d came %s, want %d", after, f.id, want)
			}
		}
	}
	h.want(400, "GET", "/v1/events", s.Token, nil, nil, header{"Last-Event-ID": "-1"})
	h.want(400, "GET", "/v1/events", s.Token, nil, nil, header{"Last-Event-ID": "x"})
}

func TestLongPoll(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	json_ := header{"Accept": "application/json"}
	var p pollAnswer
	h.want(200, "GET", "/v1/events?wait=0", s.Token, nil, &p, json_)
	if len(p.Events) != 0 || p.Epoch != s.Epoch {
		t.Errorf("an empty poll answered %+v", p)
	}
	go h.hints.Wake(TopicTyping + address(s.Thread).String())
	done := make(chan pollAnswer)
	go func() {
		var p pollAnswer
		h.want(200, "GET", "/v1/events?wait=20", s.Token, nil, &p, json_)
		done <- p
	}()
	time.Sleep(30 * time.Millisecond)
	h.say(s.Token, "cid-poll1", "hello")
	if p := <-done; len(p.Events) == 0 && !p.Typing {
		t.Errorf("the poll answered %+v", p)
	}
	h.want(400, "GET", "/v1/events?wait=x", s.Token, nil, nil, json_)
}

func TestHistoryPages(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	for i := range 130 {
		m := bot.Message{ID: fmt.Sprintf("%s/cid-%05d", s.Thread, i), From: address(s.Thread), Text: strconv.Itoa(i), Time: time.Unix(int64(i), 0)}
		if err := h.ledger.Receive(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	h.until(func() bool {
		w, _ := h.ledger.Entries(context.Background(), address(s.Thread), 0, 1)
		return len(w) > 0
	})
	s = h.begin(s.Visitor)
	if len(s.Events) != historyMax || s.Last < 130 || s.First != s.Last-historyMax+1 {
		t.Fatalf("history of %d from %d to %d", len(s.Events), s.First, s.Last)
	}
	seen, before := int64(len(s.Events)), s.First
	for before > 1 {
		var page historyAnswer
		h.want(200, "GET", fmt.Sprintf("/v1/messages?before=%d&limit=30", before), s.Token, nil, &page, nil)
		if len(page.Events) == 0 || page.Events[len(page.Events)-1].Seq != before-1 {
			t.Fatalf("page before %d ends with %+v", before, page.Events)
		}
		seen, before = seen+int64(len(page.Events)), page.First
	}
	if seen != s.Last {
		t.Errorf("pages hold %d events of %d", seen, s.Last)
	}
	h.want(400, "GET", "/v1/messages?before=x", s.Token, nil, nil, nil)
	h.want(400, "GET", "/v1/messages?before=5&limit=0", s.Token, nil, nil, nil)
}

func TestSignsOfLife(t *testing.T) {
	h := open(t, func(o *Options) { o.Beat = 20 * time.Millisecond })
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	for range 3 {
		for f := range frames {
			if f.comment == ": hb" {
				break
			}
		}
	}
}

func TestLostHintsOnlyDelay(t *testing.T) {
	h := open(t, func(o *Options) { o.Beat = 30 * time.Millisecond; o.Hints = deaf{} })
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	h.say(s.Token, "cid-deaf1", "hello")
	next(t, frames, "reply")
}

// deaf loses every hint.
type deaf struct{}

func (deaf) Wake(string)                            {}
func (deaf) Watch(string) (<-chan struct{}, func()) { return nil, func() {} }

func TestTypingAndBanner(t *testing.T) {
	notice := make(chan string, 1)
	notice <- ""
	h := open(t, func(o *Options) {
		o.Banner = func(string) string {
			text := <-notice
			notice <- text
			return text
		}
	})
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	next(t, frames, "banner")
	h.Typing(context.Background(), address(s.Thread))
	if f := next(t, frames, "typing"); f.id != "" {
		t.Errorf("typing has the number %s", f.id)
	}
	<-notice
	notice <- "We are having trouble."
	h.hints.Wake(TopicBanner)
	if f := next(t, frames, "banner"); f.data != `"We are having trouble."` {
		t.Errorf("banner is %s", f.data)
	}
}

func TestPersonFromTheFirstSecond(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	var a, b messageAnswer
	call := messageCall{CID: "cid-human", Lang: "ko"}
	h.want(202, "POST", "/v1/handoff", s.Token, call, &a, nil)
	h.want(202, "POST", "/v1/handoff", s.Token, call, &b, nil)
	if a != b || a.Seq != 1 {
		t.Errorf("answered %+v, then %+v", a, b)
	}
	frames, _ := h.listen(s.Token, "0")
	if f := next(t, frames, "message"); !strings.Contains(f.data, "상담원") {
		t.Errorf("the customer's words are %s", f.data)
	}
	if f := next(t, frames, "owner"); !strings.Contains(f.data, "waiting") {
		t.Errorf("owner frame %s", f.data)
	}
	if s := h.begin(s.Visitor); s.Owner != "waiting" {
		t.Errorf("the session says %q", s.Owner)
	}
}

func TestPersonSpeaks(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	epoch, err := bot.TakeOver(context.Background(), h.ledger, address(s.Thread), "Mina")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ledger.Say(context.Background(), bot.Reply{ID: "p-1", To: address(s.Thread), From: "Mina", Parts: []bot.Part{{Text: "I am here."}}}, epoch); err != nil {
		t.Fatal(err)
	}
	h.hints.Wake(bot.TopicEvents + address(s.Thread).String())
	if f := next(t, frames, "owner"); !strings.Contains(f.data, `"owner":"person"`) || strings.Contains(f.data, "Mina") {
		t.Errorf("owner frame %s", f.data)
	}
	if f := next(t, frames, "reply"); !strings.Contains(f.data, `"from":"Mina"`) {
		t.Errorf("reply frame %s", f.data)
	}
}

func TestDrain(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	next(t, frames, "hello")
	h.stop()
	<-h.over
	var last frame
	for f := range frames {
		last = f
	}
	if !strings.HasPrefix(last.comment, "retry: ") {
		t.Errorf("the stream ended with %+v, want a time to come back", last)
	}
	h.want(503, "GET", "/v1/events?wait=20", s.Token, nil, nil, header{"Accept": "application/json"})
	h.want(503, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-after", Kind: "text", Text: "anyone?"}, nil, nil)
}

// TestTimeZone: the page says where the customer is; what is no time zone is
// not known.
func TestTimeZone(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	for i, c := range []struct{ sent, kept string }{{"America/New_York", "America/New_York"}, {"../../etc/passwd", ""}, {"Local", ""}, {"", ""}} {
		h.want(202, "POST", "/v1/messages", s.Token, messageCall{CID: fmt.Sprintf("cid-zone-%d", i), Kind: "text", Text: "hello", Zone: c.sent}, nil, nil)
		events, err := h.ledger.Events(context.Background(), address(s.Thread), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var last string
		for _, e := range events {
			if e.Message != nil {
				last = e.Message.Zone
			}
		}
		if last != c.kept {
			t.Errorf("%q was kept as %q, want %q", c.sent, last, c.kept)
		}
	}
}
