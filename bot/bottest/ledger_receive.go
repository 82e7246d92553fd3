package bottest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func receiveCases() []ledgerCase {
	return []ledgerCase{
		{"a message is taken", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
		{"a repeat changes nothing", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "a", "a")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
		{"a repeat between others keeps the order", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "b", "a", "c", "b")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a", "b", "c"})
		}},
		{"a repeat while claimed changes nothing", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.receive(t, "x", "a")
			s.commit(t, w)
			s.idle(t)
		}},
		{"a repeat after the answer changes nothing", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.receive(t, "x", "a")
			s.idle(t)
			if _, ok := s.Ledger.(bot.Transcript); ok {
				equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a"})
			}
		}},
		{"the first text of an ID counts", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			m := message("x", "a")
			m.Text = "something else"
			s.take(t, m)
			if got := s.claim(t).Messages[0].Text; got != "text of a" {
				t.Fatalf("text %q; want the first", got)
			}
		}},
		{"an ID is known in the whole channel", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.receive(t, "y", "a")
			s.turn(t)
			s.idle(t)
		}},
		{"a repeat elsewhere leaves no conversation", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.receive(t, "y", "a")
			if _, ok := s.Ledger.(bot.Transcript); ok {
				equal(t, "events of y", s.events(t, "y"), nil)
			}
		}},
		{"the same ID on another channel is another message", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			m := message("x", "a")
			m.From.Channel = "slack"
			s.take(t, m)
			s.turn(t)
			s.turn(t)
			s.idle(t)
		}},
		{"the same thread on another channel is another conversation", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			m := message("x", "b")
			m.From.Channel = "slack"
			s.take(t, m)
			if one, two := s.claim(t), s.claim(t); one.Address == two.Address || len(one.Messages) != 1 {
				t.Fatalf("claimed %v and %v", one.Address, two.Address)
			}
		}},
		{"every field survives", everyField},
		{"an offset of the time survives", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			got := s.claim(t).Messages[0].Time
			if !got.Equal(start) || got.Format(time.RFC3339) != start.Format(time.RFC3339) {
				t.Fatalf("time %v; want %v", got, start)
			}
		}},
		{"times from afar survive", func(t *testing.T, s *Store) {
			m := message("x", "a")
			for i, year := range []int{1, 1969, 2038, 2262, 9998} {
				m.ID, m.Time = names("a", 5)[i], time.Date(year, 6, 1, 0, 0, 0, 1, time.UTC)
				s.take(t, m)
			}
			for i, m := range s.claim(t).Messages {
				if want := []int{1, 1969, 2038, 2262, 9998}[i]; m.Time.Year() != want || m.Time.Nanosecond() != 1 {
					t.Fatalf("time %v; want the year %d and its nanosecond", m.Time, want)
				}
			}
		}},
		{"order of arrival counts, not the sender's clock", func(t *testing.T, s *Store) {
			late, early := message("x", "a"), message("x", "b")
			early.Time = start.Add(-time.Hour)
			s.take(t, late)
			s.take(t, early)
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a", "b"})
		}},
		{"the same message from many sides at once is one message", func(t *testing.T, s *Store) {
			var all sync.WaitGroup
			for range 32 {
				all.Go(func() {
					if err := s.Ledger.Receive(context.Background(), message("x", "a")); err != nil {
						t.Errorf("Receive: %v", err)
					}
				})
			}
			all.Wait()
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
			s.idle(t)
		}},
		{"after an error of the context the message may be sent again", func(t *testing.T, s *Store) {
			ended, end := context.WithCancel(context.Background())
			end()
			_ = s.Ledger.Receive(ended, message("x", "a")) // taken or refused, both are fine
			s.receive(t, "x", "a")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
	}
}

func everyField(t *testing.T, s *Store) {
	want := bot.Message{
		ID: "a", From: address("x"), User: "민수", Text: "배송이 늦어요 ㅠㅠ\n둘째 줄\t끝", Lang: "ko", Choice: "human",
		Files: []bot.File{{Name: "영수증.png", Type: "image/png", Size: 1 << 40, URL: "https://files.example/a?b=1&c=2", Text: "합계 12,000원"}},
		Signals: bot.Signals{Repeats: 2, Waiting: 90 * time.Second, Clicks: 4, NoTone: true,
			Feeling: []bot.Emotion{{Name: "anger", Strength: 0.7}}},
		Context: map[string]string{"order": "A-1", "page": "/주문"},
		Time:    start,
	}
	s.take(t, want)
	w := s.claim(t)
	same(t, "message", w.Messages[0], want)
	if w.Address != want.From {
		t.Fatalf("address %v; want %v", w.Address, want.From)
	}
}

// hostileNames are IDs and threads that a network or an attacker may send.
func hostileNames() map[string]string {
	return map[string]string{
		"quotes":         `'"` + "`" + `\`,
		"sql":            `x'); DROP TABLE conversation; --`,
		"wildcards":      `%_*?[a]`,
		"placeholders":   `$1 ?1 :a @b {{.}}`,
		"newlines":       "a\nb\r\nc",
		"controls":       "\x01\x02\x1b[31m\x7f",
		"spaces":         "  a  ",
		"one space":      " ",
		"slashes":        "../../etc/passwd",
		"colons":         "a:b::c:",
		"hangul":         "대화방 하나",
		"emoji":          "👩‍👩‍👧‍👦🏳️‍🌈",
		"right to left":  "\u202Eabc\u202C שלום",
		"noncharacters":  "\uFFFE\uFFFF\U0010FFFF",
		"a zero":         "0",
		"a number":       "00123",
		"a float":        "1e3",
		"null":           "NULL",
		"a thousand":     strings.Repeat("k", 1000),
		"a thousand ㅋ":   strings.Repeat("ㅋ", 333),
		"json":           `{"a":["b"]}`,
		"html":           "<script>alert(1)</script>",
		"a byte order":   "\uFEFFa",
		"line separator": "a\u2028b\u2029",
	}
}

func hostileCases() []ledgerCase {
	var cases []ledgerCase
	for name, value := range hostileNames() {
		cases = append(cases, ledgerCase{"names of " + name, func(t *testing.T, s *Store) { hostileName(t, s, value) }})
	}
	for name, m := range map[string]bot.Message{
		"no ID":            {From: address("x")},
		"no channel":       {ID: "a", From: bot.Address{Thread: "x"}},
		"no thread":        {ID: "a", From: bot.Address{Channel: "web"}},
		"an ID too long":   message("x", strings.Repeat("a", 1025)),
		"a thread of 1 MB": message(strings.Repeat("a", 1<<20), "a"),
		"an ID with NUL":   message("x", "a\x00b"),
		"a broken ID":      message("x", "a\xff"),
		"a broken thread":  message("\xc3\x28", "a"),
	} {
		cases = append(cases, ledgerCase{name + " is bad", func(t *testing.T, s *Store) {
			if err := s.Ledger.Receive(context.Background(), m); !errors.Is(err, bot.ErrBad) {
				t.Fatalf("Receive: %v; want ErrBad", err)
			}
			s.idle(t)
		}})
	}
	return append(cases,
		ledgerCase{"names that look alike are different", func(t *testing.T, s *Store) {
			all := []string{"a", "A", "a ", " a", "á", "a\u0301", "1", "1.0", "01", "ａ"}
			s.receive(t, "x", all...)
			equal(t, "claimed", ids(s.claim(t).Messages), all)
		}},
		ledgerCase{"a boundary between names is kept", func(t *testing.T, s *Store) {
			one := bot.Message{ID: "b", From: bot.Address{Channel: "web:a", Thread: "c"}, Time: start}
			two := bot.Message{ID: "b", From: bot.Address{Channel: "web", Thread: "a:c"}, Time: start}
			s.take(t, one)
			s.take(t, two)
			s.turn(t)
			s.turn(t)
		}},
		ledgerCase{"hostile text survives", hostileText},
	)
}

// hostileName takes the value as ID, thread and user through a whole turn.
func hostileName(t *testing.T, s *Store, value string) {
	m := message(value, value)
	m.User = value
	s.take(t, m)
	s.take(t, m)
	w := think(s.claim(t))
	if w.Address.Thread != value || w.Messages[0].ID != value || w.Messages[0].User != value {
		t.Fatalf("claimed %q %q; want %q", w.Address.Thread, w.Messages[0].ID, value)
	}
	w.Customer.Name = value
	s.commit(t, w)
	s.idle(t)
	if _, ok := s.Ledger.(bot.Outbox); ok {
		s.send(t, "re:"+value)
		s.quiet(t)
	}
	if _, ok := s.Ledger.(bot.Transcript); ok {
		equal(t, "events", s.events(t, value), []string{"message " + value, "reply re:" + value})
	}
	m.ID += "2"
	if len(m.ID) <= 1000 {
		s.take(t, m)
		if w := s.claim(t); w.Customer.Name != value {
			t.Fatalf("customer %q; want %q", w.Customer.Name, value)
		}
	}
}

func hostileText(t *testing.T, s *Store) {
	texts := []string{
		"", " ", "'; DROP TABLE inbox; --", "\x00\x01\x02", "a\u2028b", `\u0000 \" \\`, "</script>", "\uFEFF",
		strings.Repeat("가", 40_000), "🧑‍🤝‍🧑", "\U0010FFFF", "null", "[]", "%s%d%!v",
	}
	for i, text := range texts {
		m := message("x", names("a", len(texts))[i])
		m.Text = text
		s.take(t, m)
	}
	for i, m := range s.claim(t).Messages {
		if m.Text != texts[i] {
			t.Fatalf("text %d: %.40q; want %.40q", i, m.Text, texts[i])
		}
	}
}
