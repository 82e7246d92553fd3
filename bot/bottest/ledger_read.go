package bottest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// page reads events of x after a number.
func (s *Store) page(t *testing.T, after int64, limit int) []string {
	t.Helper()
	all, err := ability[bot.Transcript](t, s).Events(context.Background(), address("x"), after, limit)
	if err != nil {
		t.Fatalf("Events(after %d, limit %d): %v", after, limit, err)
	}
	var out []string
	for i, e := range all {
		if want := max(after, 0) + int64(i) + 1; e.Seq != want {
			t.Fatalf("event number %d; want %d", e.Seq, want)
		}
		out = append(out, subject(e))
	}
	return out
}

func transcriptCases() []ledgerCase {
	return []ledgerCase{
		{"a message is there once it is received", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			equal(t, "events", s.events(t, "x"), []string{"message a"})
		}},
		{"messages and replies are in the order they happened", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "b")
			w := think(s.claim(t))
			s.receive(t, "x", "c")
			s.commit(t, w)
			s.turn(t)
			equal(t, "events", s.events(t, "x"), []string{"message a", "message b", "message c", "reply re:b", "reply re:c"})
		}},
		{"a reader resumes after any number", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b", "c")
			all := []string{"a", "re:a", "b", "re:b", "c", "re:c"}
			for after := range all {
				equal(t, "rest", s.page(t, int64(after), 99), all[after:])
			}
		}},
		{"a limit is kept", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			equal(t, "two", s.page(t, 1, 2), []string{"re:a", "b"})
			equal(t, "none", s.page(t, 0, 0), nil)
			equal(t, "less than none", s.page(t, 0, -1), nil)
		}},
		{"nothing comes after the end", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			equal(t, "after the end", s.page(t, 2, 9), nil)
			equal(t, "far after the end", s.page(t, 1<<62, 9), nil)
		}},
		{"a number below zero is the beginning", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			equal(t, "all", s.page(t, -5, 9), []string{"a", "re:a"})
		}},
		{"an unknown conversation is empty and stays unknown", func(t *testing.T, s *Store) {
			equal(t, "events", s.events(t, "nowhere"), nil)
			s.idle(t)
		}},
		{"each conversation counts for itself", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.converse(t, "y", "b", "c")
			equal(t, "x", s.events(t, "x"), []string{"message a", "reply re:a"})
			equal(t, "y", s.events(t, "y"), []string{"message b", "reply re:b", "message c", "reply re:c"})
		}},
		{"refused repeats leave no gap", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "a", "b", "a", "b", "c")
			equal(t, "events", s.events(t, "x"), []string{"message a", "message b", "message c"})
		}},
		{"an event holds what was said and when", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.turn(t)
			all, err := ability[bot.Transcript](t, s).Events(context.Background(), address("x"), 0, 9)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "message", all[0].Message, message("x", "a"))
			same(t, "reply", all[1].Reply, w.Entry.Reply)
			if !all[0].Time.Equal(start) || all[1].Time.IsZero() {
				t.Fatalf("times %v %v; want the message's own and some time", all[0].Time, all[1].Time)
			}
		}},
		{"the epoch has a name that stays", func(t *testing.T, s *Store) {
			first := s.epoch(t)
			s.converse(t, "x", "a")
			if again := s.epoch(t); first == "" || first != again {
				t.Fatalf("epoch %q then %q", first, again)
			}
		}},
	}
}

func (s *Store) epoch(t *testing.T) string {
	t.Helper()
	e, err := ability[bot.Transcript](t, s).Epoch(context.Background())
	if err != nil {
		t.Fatalf("Epoch: %v", err)
	}
	return e
}

func journalCases() []ledgerCase {
	return []ledgerCase{
		{"an entry comes out as it went in", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			fill(&w.Entry)
			s.commit(t, w)
			same(t, "entries", s.entries(t, "x"), []bot.Entry{w.Entry})
			if w.Entry.Seq != 1 {
				t.Fatalf("number %d; want 1, given by the ledger", w.Entry.Seq)
			}
		}},
		{"turns are numbered without a gap", func(t *testing.T, s *Store) {
			s.converse(t, "x", names("a", 5)...)
			for i, e := range s.entries(t, "x") {
				if e.Seq != int64(i)+1 || e.Messages[0].ID != names("a", 5)[i] {
					t.Fatalf("entry %d: number %d about %s", i, e.Seq, e.Messages[0].ID)
				}
			}
		}},
		{"silent turns are kept too, and no page loses one", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.receive(t, "x", "b") // comes during a silent turn, and its own turn is silent as well
			w.Entry.Reply.Parts = nil
			s.commit(t, w)
			w = think(s.claim(t))
			w.Entry.Reply.Parts = nil
			s.commit(t, w)
			s.converse(t, "x", "c")
			equal(t, "turns", s.pages(t, 1), []string{"a", "b", "c"})
		}},
		{"pages of any size show every turn once", func(t *testing.T, s *Store) {
			all := names("a", 7)
			s.converse(t, "x", all...)
			for size := 1; size <= 8; size++ {
				equal(t, "turns", s.pages(t, size), all)
			}
		}},
		{"an unknown conversation has no turns", func(t *testing.T, s *Store) {
			if got := s.entries(t, "nowhere"); len(got) > 0 {
				t.Fatalf("entries %v", got)
			}
		}},
		{"a message without a turn is no turn", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			if got := s.entries(t, "x"); len(got) > 0 {
				t.Fatalf("entries %v", got)
			}
		}},
		{"conversations come newest first", func(t *testing.T, s *Store) {
			s.updated(t, "x", 1)
			s.updated(t, "y", 3)
			s.updated(t, "z", 2)
			equal(t, "conversations", s.sessions(t, time.Time{}, 9), []string{"y", "z", "x"})
			equal(t, "two of them", s.sessions(t, time.Time{}, 2), []string{"y", "z"})
			equal(t, "none of them", s.sessions(t, time.Time{}, 0), nil)
		}},
		{"conversations since a time include that time", func(t *testing.T, s *Store) {
			s.updated(t, "x", 1)
			s.updated(t, "y", 2)
			equal(t, "since 2", s.sessions(t, start.Add(2*time.Minute), 9), []string{"y"})
			equal(t, "since 1", s.sessions(t, start.Add(time.Minute).UTC(), 9), []string{"y", "x"})
			equal(t, "since 3", s.sessions(t, start.Add(3*time.Minute), 9), nil)
		}},
		{"a conversation shows its present owner", func(t *testing.T, s *Store) {
			s.updated(t, "x", 1)
			epoch := s.own(t, "x", "p")
			all, err := ability[bot.Journal](t, s).Conversations(context.Background(), start, 9)
			if err != nil || len(all) != 1 || all[0].Owner != "person:p" || all[0].Epoch != epoch {
				t.Fatalf("conversations %+v, %v; want one owned by the person", all, err)
			}
		}},
	}
}

// updated makes a conversation whose last message came at that minute.
func (s *Store) updated(t *testing.T, thread string, minute int) {
	t.Helper()
	m := message(thread, "of "+thread)
	m.Time = start.Add(time.Duration(minute) * time.Minute)
	s.take(t, m)
	s.turn(t)
}

func (s *Store) sessions(t *testing.T, since time.Time, limit int) []string {
	t.Helper()
	all, err := ability[bot.Journal](t, s).Conversations(context.Background(), since, limit)
	if err != nil {
		t.Fatalf("Conversations: %v", err)
	}
	var out []string
	for _, one := range all {
		out = append(out, one.Address.Thread)
	}
	return out
}

// pages reads the journal of x page by page and returns the first message of
// each turn.
func (s *Store) pages(t *testing.T, size int) []string {
	t.Helper()
	var out []string
	for after := int64(0); ; {
		some, err := ability[bot.Journal](t, s).Entries(context.Background(), address("x"), after, size)
		if err != nil {
			t.Fatalf("Entries: %v", err)
		}
		if len(some) == 0 {
			return out
		}
		for _, e := range some {
			out = append(out, e.Messages[0].ID)
		}
		after = slices.MaxFunc(some, func(a, b bot.Entry) int { return int(a.Seq - b.Seq) }).Seq
	}
}

// fill puts something into every field of the entry.
func fill(e *bot.Entry) {
	e.Reading = bot.Reading{Emotions: []bot.Emotion{{Name: "anger", Strength: 0.8}, {Name: "anxiety", Strength: 0.3}}, Valence: -0.7,
		Arousal: 0.8, Intensity: 0.75, Confidence: 0.9, Evidence: []bot.Span{{Start: 0, End: 6, Text: "화나", Kind: "word", Says: "anger", Value: 0.6}},
		Risk: bot.R1, Flags: []string{"mixed"}, Lang: "ko"}
	e.Case = fullSession(e.Session.Address).Case
	e.Plan = bot.Plan{Acknowledge: bot.Acknowledge{Moment: "fact", Fact: "환불", Budget: 1}, Apology: 3, Tone: "sober", Persona: "hurried",
		Band: "H", Guidance: "next_step", Stabilisers: []string{"S2", "S3"}, Sentences: 4, Questions: 1,
		Promises: []bot.Promise{{What: "callback", Due: start, State: "open"}}, Handoff: bot.Handoff{Level: "offer", Reason: "stuck"},
		Forward: "will", Priority: bot.Priority{Tier: "P1", Score: 80}, Warmth: 0.6}
	e.Plan.Because("apology 3", "약속은 우리가 했고 지키지 못했다", "care model 3.4")
	e.Passages = []bot.Passage{{ID: "p", Title: "환불 › 기간", Text: "3일", Source: "refund.md:4", Score: 0.5, From: start}}
	e.Session = fullSession(e.Session.Address)
	e.Notes = []bot.Note{{Stage: "guide", Text: "a number without a source"}}
	e.Steps = []bot.Step{{Stage: "recognize", Took: 42 * time.Microsecond}}
	e.Failure = "stage guide: broken"
	e.Time = start.Add(time.Second)
}
