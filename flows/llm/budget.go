package llm

import (
	"sync"
	"time"
)

// talksMax is how many conversations' spending is remembered; beyond it the
// day's bound is the one that holds.
const talksMax = 10_000

// spending is what was spent today, in all and by conversation.
type spending struct {
	budget Budget

	mu     sync.Mutex
	day    string
	total  spent
	byTalk map[string]spent
}

type spent struct {
	cost   float64
	tokens int
}

// allows reports whether another call may be made.
func (s *spending) allows(talk string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	b, t := s.budget, s.byTalk[talk]
	return under(s.total.cost, b.Day) && under(float64(s.total.tokens), float64(b.DayTokens)) &&
		under(t.cost, b.Conversation) && under(float64(t.tokens), float64(b.TalkTokens))
}

func under(have, most float64) bool { return most <= 0 || have < most }

// add books a call, a failed one too: providers charge for those.
func (s *spending) add(talk string, c Call, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	s.total.cost += c.Cost
	s.total.tokens += c.In + c.Out
	if talk == "" {
		return
	}
	if _, ok := s.byTalk[talk]; !ok && len(s.byTalk) >= talksMax {
		return
	}
	t := s.byTalk[talk]
	s.byTalk[talk] = spent{t.cost + c.Cost, t.tokens + c.In + c.Out}
}

// turn begins a new day.
func (s *spending) turn(now time.Time) {
	if day := now.UTC().Format(time.DateOnly); day != s.day {
		s.day, s.total, s.byTalk = day, spent{}, make(map[string]spent)
	}
}
