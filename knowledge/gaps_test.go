package knowledge

import (
	"testing"
	"time"
)

func TestGaps(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 9, 0, 0, 0, time.UTC) }
	gaps, err := Gaps([]Asked{
		{"Do you sell gift cards?", "en", day(1)},
		{"강아지 데려가도 되나요?", "ko", day(2)},
		{"do you sell gift cards", "en", day(5)},
		{"Can I pay with bitcoin?", "en", day(4)},
		{"강아지를 데려가도 돼요?", "ko", day(3)},
		{"Do you sell gift cards?", "en", day(3)},
		{"bitcoin?", "ko", day(1)},
	})
	if err != nil || len(gaps) != 4 {
		t.Fatalf("%v, %d gaps, want 4: %+v", err, len(gaps), gaps)
	}
	if g := gaps[0]; g.Question != "do you sell gift cards" || g.Count != 3 || !g.First.Equal(day(1)) || !g.Last.Equal(day(5)) || len(g.Others) != 1 {
		t.Errorf("gift cards: %+v", g)
	}
	if g := gaps[1]; g.Question != "Can I pay with bitcoin?" || g.Count != 1 {
		t.Errorf("bitcoin: %+v", g)
	}
	if g := gaps[2]; g.Question != "강아지를 데려가도 돼요?" || g.Count != 2 || g.Lang != "ko" {
		t.Errorf("dogs: %+v", g)
	}
	if gaps, err := Gaps(nil); err != nil || len(gaps) != 0 {
		t.Errorf("nothing: %v, %+v", err, gaps)
	}
}
