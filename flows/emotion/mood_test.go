package emotion

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/onkihq/onki/bot"
)

// mood makes a reading of one feeling.
func mood(name string, strength, intensity float64, flags ...string) bot.Reading {
	return bot.Reading{Emotions: []bot.Emotion{{Name: name, Strength: strength}}, Intensity: intensity, Flags: flags}
}

func TestFollow(t *testing.T) {
	angry, furious := mood("anger", .9, .6), mood("anger", .9, .85)
	calm := mood("neutral", .8, .2, "cooperation")
	for _, c := range []struct {
		name  string
		turns []bot.Reading
		open  bool
		want  string
		calm  bool
	}{
		{"first message", []bot.Reading{angry}, true, "new", false},
		{"first thanks", []bot.Reading{mood("gratitude", .9, .5, "thanks")}, false, "positive", false},
		{"rising", []bot.Reading{angry, furious}, true, "escalating", false},
		{"threat", []bot.Reading{angry, mood("anger", .9, .6, "threat")}, true, "escalating", false},
		{"stuck high", []bot.Reading{angry, angry, angry}, true, "plateau", false},
		{"one calm turn is not calm", []bot.Reading{furious, calm}, true, "easing", false},
		{"two calm turns", []bot.Reading{furious, calm, calm}, true, "stabilised", true},
		{"met and closed", []bot.Reading{furious, mood("gratitude", .8, .3, "thanks", "closing")}, false, "stabilised", true},
		{"calm words with shouting", []bot.Reading{furious, calm, mood("neutral", .8, .2, "cooperation", "caps")}, true, "easing", false},
		{"됐어요 after a peak", []bot.Reading{furious, mood("neutral", .6, .2, "false_calm")}, true, "resigned", false},
		{"the same when solved", []bot.Reading{furious, mood("neutral", .6, .2, "false_calm")}, false, "steady", false},
		{"giving up", []bot.Reading{angry, mood("helplessness", .8, .4, "resigned")}, true, "resigned", false},
		{"relapse", []bot.Reading{furious, calm, calm, furious}, true, "relapse", false},
		{"never upset", []bot.Reading{calm, calm, calm}, false, "steady", false},
	} {
		var m bot.Mood
		for _, r := range c.turns {
			m = Follow(m, r, bot.Case{}, c.open)
		}
		if m.Trajectory != c.want || m.Calm != c.calm {
			t.Errorf("%s: %s calm %v (loads %v), want %s calm %v", c.name, m.Trajectory, m.Calm, m.Recent, c.want, c.calm)
		}
	}
}

// E = .6·N + .4·E before, and the peak never falls.
func TestFollowAverage(t *testing.T) {
	m := Follow(bot.Mood{}, mood("anger", 1, .5), bot.Case{}, true)
	if m.Average != .5 || m.Peak != .5 {
		t.Fatalf("first turn: %+v", m)
	}
	m = Follow(m, mood("anger", 1, 1), bot.Case{}, true)
	if math.Abs(m.Average-.8) > .001 || m.Peak != 1 {
		t.Fatalf("second turn: %+v", m)
	}
}

func TestFollowProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"stabilised", "new", "steady", "escalating", "plateau", "easing", "resigned", "relapse", "positive"}
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	flags := []string{"cooperation", "thanks", "threat", "false_calm", "closing", "caps", "resigned", "new_grievance"}
	for range 2000 {
		var m bot.Mood
		for range 1 + random.IntN(30) {
			before := m
			r := mood(kinds[random.IntN(labels)].name, random.Float64(), random.Float64())
			for _, f := range flags {
				if random.IntN(6) == 0 {
					r.Flags = append(r.Flags, f)
				}
			}
			futile := random.IntN(4)
			before.Futile = futile
			kept := len(before.Recent)
			m = Follow(before, r, bot.Case{}, random.IntN(2) == 0)
			n := m.Recent[len(m.Recent)-1]
			switch {
			case !known[m.Trajectory]:
				t.Fatalf("unknown trajectory %q", m.Trajectory)
			case len(before.Recent) != kept:
				t.Fatal("the mood before was changed")
			case m.Futile != futile:
				t.Fatal("futile turns are counted by the policy")
			case m.Peak < before.Peak || m.Peak < n:
				t.Fatalf("peak %v below %v or %v", m.Peak, before.Peak, n)
			case n < 0 || n > 1 || m.Average < 0 || m.Average > 1:
				t.Fatalf("load %v or mean %v out of range", n, m.Average)
			case m.Calm && m.Peak < low:
				t.Fatal("calm without anything to calm")
			case m.Calm && n >= strong:
				t.Fatal("calm under a high load")
			case m.Calm && (r.Has("threat") || r.Has("caps") || r.Has("new_grievance")):
				t.Fatalf("calm on a turn with %v", r.Flags)
			case m.Calm && m.Trajectory == "resigned":
				t.Fatal("resignation taken for calm")
			case len(m.Recent) > recentMax:
				t.Fatal("memory grows")
			}
		}
	}
}

// A stronger unpleasant feeling is never a smaller load.
func TestLoad(t *testing.T) {
	last := 0.0
	for i := range 11 {
		n := Load(mood("anger", .9, float64(i)/10))
		if n < last {
			t.Fatalf("load fell to %v at intensity %v", n, float64(i)/10)
		}
		last = n
	}
	if Load(bot.Reading{}) != 0 || Load(mood("joy", 1, 1)) != 0 {
		t.Error("nothing unpleasant is no load")
	}
}
