package bot

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// twoSteps says first words, and more after them.
func twoSteps(slow func(t *Turn) error) Flow {
	return Flow{
		{Name: "first", Run: func(_ context.Context, t *Turn) error {
			if t.Opened == 0 {
				t.Say(Part{Stage: "first", Text: "heard " + t.Message.Text})
			}
			return nil
		}},
		{Name: "second", Ahead: func(t *Turn) int { return len(t.Reply.Parts) }, Run: func(_ context.Context, t *Turn) error {
			return slow(t)
		}},
	}
}

func said(r Reply) (out []string) {
	for _, p := range r.Parts {
		out = append(out, p.Text)
	}
	return out
}

// sent hands out everything that is due, in order.
func sent(t *testing.T, l *Memory) (out [][]string) {
	t.Helper()
	for {
		d, err := l.Next(t.Context(), "web")
		if errors.Is(err, ErrIdle) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]string{d.Reply.ID}, said(d.Reply)...))
		if err := l.Done(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

func opened(t *testing.T, texts ...string) (*Memory, *Work) {
	t.Helper()
	l := &Memory{}
	for _, text := range texts {
		if err := l.Receive(t.Context(), Message{ID: text, From: Address{"web", "x"}, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	w, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l, w
}

func TestFirstWordsLeaveFirst(t *testing.T) {
	l, w := opened(t, "a")
	var before [][]string
	e := &Engine{Ledger: l, Flow: twoSteps(func(turn *Turn) error {
		before = sent(t, l)
		turn.Say(Part{Stage: "second", Text: "and this"})
		return nil
	})}
	e.Answer(t.Context(), w)
	if err := l.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if want := []string{"open:a", "heard a"}; len(before) != 1 || !slices.Equal(before[0], want) {
		t.Errorf("before the slow stage %q had left; want %q", before, want)
	}
	if got := sent(t, l); len(got) != 1 || !slices.Equal(got[0], []string{"re:a", "and this"}) {
		t.Errorf("then %q", got)
	}
	if got := said(w.Entry.Reply); !slices.Equal(got, []string{"heard a", "and this"}) || w.Entry.Opened != 1 {
		t.Errorf("the journal holds %q, opened %d; want one answer", got, w.Entry.Opened)
	}
}

func TestFailureAfterFirstWords(t *testing.T) {
	for name, slow := range map[string]func(*Turn) error{
		"error":   func(*Turn) error { return errors.New("broken") },
		"panic":   func(*Turn) error { panic("broken") },
		"silence": func(*Turn) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			l, w := opened(t, "a")
			e := &Engine{Ledger: l, Flow: twoSteps(slow)}
			e.Answer(t.Context(), w)
			if err := l.Commit(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			got := sent(t, l)
			if len(got) != 2 || !slices.Equal(got[0], []string{"open:a", "heard a"}) || len(got[1]) != 2 || got[1][0] != "re:a" {
				t.Errorf("sent %q; want the first words once and then one honest line", got)
			}
			if w.Entry.Failure == "" || w.Entry.Session.Owner != OwnerWaiting {
				t.Errorf("failure %q, owner %s; want a person called", w.Entry.Failure, w.Entry.Session.Owner)
			}
		})
	}
}

func TestFirstWordsOfALostAttempt(t *testing.T) {
	l, w := opened(t, "a")
	e := &Engine{Ledger: l, Flow: twoSteps(func(turn *Turn) error {
		turn.Say(Part{Stage: "second", Text: "to " + turn.Message.Text})
		return nil
	})}
	e.Answer(t.Context(), w) // never committed: the process died
	if err := l.Receive(t.Context(), Message{ID: "b", From: Address{"web", "x"}, Text: "b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := TakeOver(t.Context(), l, Address{"web", "y"}, "p"); err != nil { // somebody else's conversation changes nothing
		t.Fatal(err)
	}
	l.threads[w.Address].lease = l.now().Add(-1)
	again, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.Answer(t.Context(), again)
	if err := l.Commit(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	got := sent(t, l)
	if len(got) != 2 || !slices.Equal(got[0], []string{"open:a", "heard a"}) || !slices.Equal(got[1], []string{"re:b", "to a\nb"}) {
		t.Errorf("sent %q; want the first words once and one answer to both messages", got)
	}
	if got := said(again.Entry.Reply); !slices.Equal(got, []string{"heard a", "to a\nb"}) {
		t.Errorf("the journal holds %q", got)
	}
}

func TestNothingIsOpenedForAPerson(t *testing.T) {
	l, w := opened(t, "a")
	w.Session.Owner = "person:p"
	e := &Engine{Ledger: l, Flow: twoSteps(func(*Turn) error { return nil })}
	e.Answer(t.Context(), w)
	if got := sent(t, l); len(got) > 0 || len(w.Entry.Reply.Parts) > 0 {
		t.Errorf("sent %q although a person is talking", got)
	}
}
