package policy

import (
	"strings"

	"github.com/onkihq/onki/bot"
)

// answered decides which feeling the plan answers. It is mostly the strongest
// one, but what happened may know better: nobody is glad about a broken
// present, a joke in passing does not undo "so annoying", and an order number
// in the middle of a complaint does not make it a calm one.
func answered(s Situation, p *bot.Plan) string {
	emotion := strongest(s, p)
	if s.plain {
		emotion = "neutral"
		p.Because("answer the question", "they ask; nothing has gone wrong and nothing hurts", "care model 3.6: neutral, answer first")
	}
	if s.Reading.Has("sorry") && Group(emotion) != "complaint" {
		emotion = "shame"
		p.Because("take their sorry", "they apologise to us; that is met kindly and not passed over", "care model 3.6")
	}
	if (emotion == "neutral" || Negative(emotion) && Group(emotion) != "complaint") && s.Case.Event == "praise" && s.Before.Case.Event == "praise" && len(s.Case.Questions) == 0 && len(s.Case.Asks) == 0 {
		emotion = "gratitude"
		p.Because("take it as more praise", "they go on about what was good and ask for nothing", "care model 3.6")
	}
	if s.Mood.Trajectory == "resigned" {
		emotion = "helplessness"
		p.Because("treat as resigned", "a short flat answer after a high peak is giving up, not calm", "care model 3.3")
	}
	if _, ok := Table()[emotion]; !ok {
		return "neutral"
	}
	return emotion
}

func strongest(s Situation, p *bot.Plan) string {
	emotion := s.Reading.Top()
	if bitter := under(s, emotion); bitter != "" {
		p.Because("hear "+bitter+" under "+emotion, "both are in the words, and only one of them hurts", "care model finding 10: feelings are mixed")
		emotion = bitter
	}
	positive := Group(emotion) == "positive"
	switch {
	case s.Before.Waiting() && (s.Reading.Has("closing") || s.Reading.Has("cooperation") || s.Reading.Has("false_calm")) && s.Reading.Intensity < .45 && len(s.Case.Questions) == 0:
		return "neutral" // a nod to somebody who is on the way
	case Negative(emotion) && s.Reading.Confidence < .55 && s.Reading.Intensity < .2 && !s.Reading.Has("rebuff") && s.Case.Event == s.Before.Case.Event && s.Before.Last() != nil:
		return "neutral" // a number, a word: too little to hear a feeling in
	case positive && Grave(s.Case.Event) && !s.Reading.Has("thanks"):
		emotion = map[string]string{"bereavement": "grief"}[s.Case.Event]
		if emotion == "" {
			emotion = "anxiety"
		}
		p.Because("take the event seriously", "nobody is glad about "+strings.ReplaceAll(s.Case.Event, "_", " ")+"; the words were read wrongly", "care model 2.6")
	case emotion == "grief" && hurt(s.Case) && !mourning(s.Case):
		p.Because("treat as disappointment", "something was spoiled and nobody has died: it can be put right", "care model 2.6")
		return "disappointment"
	case emotion == "grief" && s.Case.Event != "" && !hurt(s.Case) && !mourning(s.Case):
		p.Because("hear no grief", "they ask for a service; nobody has died and nothing is spoiled", "care model 2.6")
		return "neutral"
	case sarcastic(s):
		if emotion = strongestComplaint(s.Reading); emotion == "disappointment" && s.Case.Event == "rude_staff" {
			emotion = "anger" // who is laughed at does not feel let down
		}
		p.Because("take the praise as a complaint", "something went wrong and nobody was thanked: the words are bitter", "care model 2.11: sarcasm")
	case positive && s.Case.Event != "praise" && (s.Reading.Strength(emotion) < .4 || s.Reading.Confidence < .45) && !s.Reading.Has("thanks") && !s.Reading.Has("closing") && !s.Reading.Has("laugh"):
		return "neutral" // too faint to be glad about
	}
	return emotion
}

// under returns the negative feeling that a pleasant or a neutral reading
// covers, or "". Praise costs nothing to miss, a grievance does.
func under(s Situation, top string) string {
	least := 2.0
	switch {
	case s.Reading.Has("closing") || s.Reading.Has("joke"):
		return ""
	case Group(top) == "positive" && hurt(s.Case):
		least = .35
	case Group(top) == "positive" && !s.Reading.Has("thanks"):
		least = .5 // "so annoying lol": said in as many words
	case top == "neutral" && hurt(s.Case) && s.Reading.Intensity >= .25 && s.Reading.Valence < -.1:
		least = .2 // the facts are told calmly, and they hurt all the same
	}
	for _, e := range s.Reading.Emotions { // strongest first
		if Negative(e.Name) && e.Strength >= least && (e.Name != "grief" || top != "neutral") {
			return e.Name
		}
	}
	return ""
}

// mourning reports a loss that nothing can put right.
func mourning(c bot.Case) bool {
	return c.Event == "bereavement" || c.Vulnerable && hasStake(c, "health") || c.Lost || Grave(c.Event)
}

// report reports that a failure is told calmly and for the first time. There
// is no feeling to soothe, but who reports our failure is owed a word about it.
func report(s Situation) bool {
	calm := s.feeling == "neutral" || s.feeling == "expectation" && len(s.Case.Questions) == 0
	return calm && hurt(s.Case) && !s.plain && s.Case.Event != s.Before.Case.Event && strings.HasPrefix(s.Case.Agency, "firm")
}
