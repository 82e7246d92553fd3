package bottest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func hearCases() []lineCase {
	return []lineCase{
		{"a message arrives complete", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "세 번째 문의예요 ㅠㅠ")
			m := l.wait(t, "세 번째 문의예요 ㅠㅠ")
			if m.From.Channel != l.Channel.Name() {
				t.Errorf("channel %q; want the channel's name %q", m.From.Channel, l.Channel.Name())
			}
			if err := m.Check(); err != nil {
				t.Errorf("a ledger would refuse it: %v", err)
			}
			if m.Time.IsZero() || m.Time.After(time.Now().Add(24*time.Hour)) {
				t.Errorf("time %v; want when it was sent", m.Time)
			}
		}},
		{"one thread is one address, two are two", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			l.write(t, "x", "b", "two")
			l.write(t, "y", "c", "three")
			one, two, three := l.wait(t, "one"), l.wait(t, "two"), l.wait(t, "three")
			if one.From != two.From || one.From == three.From {
				t.Fatalf("addresses %v %v %v; want the first two alike", one.From, two.From, three.From)
			}
		}},
		{"each message has its own ID", func(t *testing.T, l *line) {
			seen := make(map[string]string)
			for i, thread := range []string{"x", "x", "y", "y", "x"} {
				text := fmt.Sprintf("text %d", i)
				l.write(t, thread, names("a", 9)[i], text)
				m := l.wait(t, text)
				if seen[m.ID] != "" {
					t.Fatalf("%q and %q have the same ID %q", seen[m.ID], text, m.ID)
				}
				seen[m.ID] = text
			}
		}},
		{"messages of a thread arrive in order", func(t *testing.T, l *line) {
			var want []string
			for _, id := range names("a", 20) {
				l.write(t, "x", id, "text "+id)
				want = append(want, "text "+id)
			}
			equal(t, "heard", l.texts(l.wait(t, "text a000").From), want)
		}},
		{"many customers at once", func(t *testing.T, l *line) {
			if l.Deaf {
				t.Skip("one customer at a time")
			}
			var all sync.WaitGroup
			for _, thread := range names("x", 8) {
				all.Go(func() {
					for _, id := range names("a", 5) {
						if err := l.Write(l.ctx, thread, thread+id, thread+" "+id); err != nil {
							t.Errorf("%s %s: %v", thread, id, err)
						}
					}
				})
			}
			all.Wait()
			for _, thread := range names("x", 8) {
				if got := l.texts(l.wait(t, thread+" a000").From); len(got) != 5 {
					t.Errorf("%s: heard %q; want 5", thread, got)
				}
			}
		}},
		{"any text arrives unharmed", func(t *testing.T, l *line) {
			for i, text := range []string{
				`a < b & c > d "e" 'f'`, "<script>alert(1)</script>", "&amp; &lt;", "안녕하세요 👩‍👩‍👧‍👦 ㅋㅋ^^;;", "שלום مرحبا", `back\slash %s %00`,
				"{{.}} ${x} $(id) `id`", "'; DROP TABLE inbox; --", strings.Repeat("긴 글 ", 400) + "끝",
			} {
				l.write(t, "x", names("a", 99)[i], text)
				l.wait(t, text)
			}
		}},
		{"a choice picked says which", func(t *testing.T, l *line) {
			if l.Pick == nil {
				t.Skip("no choices here")
			}
			l.write(t, "x", "a", "hello")
			to := l.wait(t, "hello").From
			r := reply(to, "r1")
			r.Parts[0].Choices = []bot.Choice{{ID: "yes", Label: "네, 그래요"}, {ID: bot.ChoiceHuman, Label: "상담원 연결"}}
			if err := l.Channel.Send(l.ctx, r); err != nil {
				t.Fatalf("Send: %v", err)
			}
			if err := l.Pick(l.ctx, "x", "b", bot.ChoiceHuman); err != nil {
				t.Fatalf("the network was not told that the choice arrived: %v", err)
			}
			all := l.all()
			if m := all[len(all)-1]; m.Choice != bot.ChoiceHuman || m.From != to || m.Check() != nil {
				t.Fatalf("heard %+v; want the choice %q of the same conversation", m, bot.ChoiceHuman)
			}
		}},
	}
}

func acknowledgeCases() []lineCase {
	needsEars := func(run func(t *testing.T, l *line)) func(*testing.T, *line) {
		return func(t *testing.T, l *line) {
			if l.Deaf {
				t.Skip("this network cannot be told")
			}
			run(t, l)
		}
	}
	return []lineCase{
		{"a refused message is not acknowledged and may come again", needsEars(refused)},
		{"a repeat is the same message", needsEars(func(t *testing.T, l *line) {
			for range 3 {
				l.write(t, "x", "a", "hello")
			}
			first := l.wait(t, "hello")
			for _, m := range l.all() {
				if m.ID != first.ID || m.From != first.From {
					t.Fatalf("a repeat came as %q in %v; want %q in %v", m.ID, m.From, first.ID, first.From)
				}
			}
		})},
		{"a message that can never be accepted holds nothing up", needsEars(func(t *testing.T, l *line) {
			l.mu.Lock()
			l.bad["bad"] = true
			l.mu.Unlock()
			short, cancel := context.WithTimeout(l.ctx, 2*time.Second)
			defer cancel()
			_ = l.Write(short, "x", "a", "bad") // dropped or refused, but not for ever
			l.write(t, "x", "b", "good")
			l.wait(t, "good")
		})},
		{"a network is told only after the message is safe", needsEars(func(t *testing.T, l *line) {
			for _, id := range names("a", 10) {
				l.write(t, "x", id, "text "+id)
				if !slices.ContainsFunc(l.all(), func(m bot.Message) bool { return m.Text == "text "+id }) {
					t.Fatalf("%s was acknowledged before it was safe", id)
				}
			}
		})},
	}
}

// refused lets the ledger refuse a message a few times. Whether the network
// repeats by itself or the customer's side does is the network's way; what
// counts is that it was never told "arrived" before it had.
func refused(t *testing.T, l *line) {
	l.mu.Lock()
	l.refuse["hello"] = 2
	l.mu.Unlock()
	for try := range 5 {
		ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
		err := l.Write(ctx, "x", "a", "hello")
		cancel()
		safe := len(l.all()) > 0
		if err == nil && !safe {
			t.Fatalf("try %d: acknowledged although the ledger had refused it", try)
		}
		if err == nil {
			return
		}
	}
	t.Fatal("still refused although the ledger takes it again")
}

func sendCases() []lineCase {
	return []lineCase{
		{"a reply is shown where it belongs", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			l.write(t, "y", "b", "two")
			x, y := l.wait(t, "one").From, l.wait(t, "two").From
			l.send(t, reply(y, "ry"))
			l.send(t, reply(x, "rx"))
			l.shows(t, "x", "text of rx")
			l.shows(t, "y", "text of ry")
			if strings.Contains(strings.Join(l.Shown("x"), "\n"), "text of ry") {
				t.Fatalf("x was shown what was said to y: %q", l.Shown("x"))
			}
		}},
		{"replies are shown in order", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			to := l.wait(t, "one").From
			for _, id := range names("r", 10) {
				l.send(t, reply(to, id))
			}
			all := l.shows(t, "x", "text of r009")
			last := -1
			for _, id := range names("r", 10) {
				at := strings.Index(all, "text of "+id)
				if at <= last {
					t.Fatalf("%s is shown at %d after %d:\n%.500s", id, at, last, all)
				}
				last = at
			}
		}},
		{"a reply sent twice is shown once where the network drops repeats", func(t *testing.T, l *line) {
			if !l.Drops {
				t.Skip("this network drops no repeats")
			}
			l.write(t, "x", "a", "one")
			to := l.wait(t, "one").From
			for range 3 {
				l.send(t, reply(to, "r1"))
			}
			l.send(t, reply(to, "r2"))
			if n := strings.Count(l.shows(t, "x", "text of r2"), "text of r1"); n != 1 {
				t.Fatalf("shown %d times", n)
			}
		}},
		{"all parts are shown, in order", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			r := reply(l.wait(t, "one").From, "r1")
			r.Parts = []bot.Part{{Stage: "acknowledge", Text: "먼저 듣습니다"}, {Stage: "guide", Text: "그다음 돕습니다"}, {Stage: "stabilize", Text: "끝으로 확인합니다"}}
			l.send(t, r)
			all := l.shows(t, "x", "끝으로 확인합니다")
			if a, b := strings.Index(all, "먼저 듣습니다"), strings.Index(all, "그다음 돕습니다"); a < 0 || b < a {
				t.Fatalf("shown %q; want every part in order", all)
			}
		}},
		{"special characters are shown as they are", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			to := l.wait(t, "one").From
			for i, text := range []string{`a < b & c > d "e" 'f'`, "<script>alert(1)</script>", "&amp;", "한글 👩‍👩‍👧‍👦", "<!channel> <@U1>"} {
				r := reply(to, names("r", 9)[i])
				r.Parts[0].Text = text
				l.send(t, r)
				l.shows(t, "x", text)
			}
		}},
		{"a long reply is shown to its last word", longReply},
		{"a sender whose context has ended does not wait", func(t *testing.T, l *line) {
			l.write(t, "x", "a", "one")
			to := l.wait(t, "one").From
			ended, end := context.WithCancel(l.ctx)
			end()
			returned := make(chan bool)
			go func() {
				_ = l.Channel.Send(ended, reply(to, "r1")) // sent or not: the engine tries again
				close(returned)
			}()
			select {
			case <-returned:
			case <-time.After(l.patience()):
				t.Fatal("Send goes on although its context has ended")
			}
		}},
		{"a conversation nobody knows harms nothing", func(t *testing.T, l *line) {
			ctx, cancel := context.WithTimeout(l.ctx, 10*time.Second)
			defer cancel()
			_ = l.Channel.Send(ctx, reply(bot.Address{Channel: l.Channel.Name(), Thread: "no such thread"}, "r1"))
			l.write(t, "x", "a", "one")
			l.send(t, reply(l.wait(t, "one").From, "r2"))
			l.shows(t, "x", "text of r2")
		}},
		{"a typing sign harms nothing", func(t *testing.T, l *line) {
			typist, ok := l.Channel.(bot.Typist)
			if !ok {
				t.Skip("this channel shows no typing")
			}
			l.write(t, "x", "a", "one")
			to := l.wait(t, "one").From
			typist.Typing(l.ctx, to)
			typist.Typing(l.ctx, bot.Address{Channel: to.Channel, Thread: "no such thread"})
			l.send(t, reply(to, "r1"))
			l.shows(t, "x", "text of r1")
		}},
	}
}

func longReply(t *testing.T, l *line) {
	l.write(t, "x", "a", "one")
	r := reply(l.wait(t, "one").From, "r1")
	words := make([]string, 1500)
	for i := range words {
		words[i] = fmt.Sprintf("낱말%04d", i)
	}
	r.Parts[0].Text = strings.Join(words, " ")
	l.send(t, r)
	shown := l.shows(t, "x", words[len(words)-1])
	for _, w := range words {
		if !strings.Contains(shown, w) {
			t.Fatalf("%s is missing or cut in two", w)
		}
	}
}

func (l *line) send(t *testing.T, r bot.Reply) {
	t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
	defer cancel()
	if err := l.Channel.Send(ctx, r); err != nil {
		t.Fatalf("Send(%s): %v", r.ID, err)
	}
}

// shows waits until the text is shown in the thread and returns all of it.
func (l *line) shows(t *testing.T, thread, text string) string {
	t.Helper()
	for until := time.Now().Add(l.patience()); time.Now().Before(until); {
		if all := strings.Join(l.Shown(thread), "\n"); strings.Contains(all, text) {
			return all
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s was not shown %.60q but %.500q", thread, text, l.Shown(thread))
	return ""
}
