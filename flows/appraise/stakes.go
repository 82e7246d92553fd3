package appraise

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// stakeRunes bounds the customer's words for a stake, so that they fit into a
// sentence of ours.
const stakeRunes = 30

// stakes finds what matters to the customer, one of each kind, in their words.
func (p *page) stakes() []bot.Stake {
	var out []bot.Stake
	for _, kind := range []string{"safety", "health", "deadline", "occasion", "privacy", "money", "work", "dignity", "legal", "relationship"} {
		best := ""
		for _, h := range p.hits["stake"] {
			if h.Name != kind || !p.counts(h) {
				continue
			}
			w := p.phrase(h)
			if best == "" || kind != "money" && utf8.RuneCountInString(w) > utf8.RuneCountInString(best) && utf8.RuneCountInString(w) <= stakeRunes {
				best = w
			}
		}
		if best != "" {
			out = append(out, bot.Stake{Kind: kind, Words: best})
		}
	}
	return p.weed(out)
}

// counts leaves out matches that are no stake where they stand.
func (p *page) counts(h cues.Hit) bool {
	switch h.Name {
	case "money":
		switch p.event {
		case "question", "praise", "order_change", "exchange":
			return false
		}
	case "dignity":
		return p.event == "rude_staff" || p.event == "privacy_leak" || p.event == "price_dispute" || p.event == "contact_loop" || p.event == ""
	case "deadline":
		past := slices.ContainsFunc(p.hits["time"], func(x cues.Hit) bool { return x.Name == "past" && x.Sentence == h.Sentence })
		return p.event != "praise" && !past
	case "work":
		return p.event != "praise"
	}
	return true
}

// weed drops a relationship that only names for whom a stronger stake is, and
// money where the money is the event itself.
func (p *page) weed(all []bot.Stake) []bot.Stake {
	has := func(kind string) bool {
		return slices.ContainsFunc(all, func(s bot.Stake) bool { return s.Kind == kind })
	}
	return slices.DeleteFunc(all, func(s bot.Stake) bool {
		switch s.Kind {
		case "relationship":
			return p.event != "bereavement" && p.event != "praise" && (has("occasion") || has("health") || has("dignity") || has("privacy"))
		}
		return false
	})
}

// phrase is the customer's own words around a match.
func (p *page) phrase(h cues.Hit) string {
	if guess(p.text[h.Start:h.End]) == "ko" {
		return p.koreanPhrase(h)
	}
	return p.englishPhrase(h)
}

// koreanPhrase runs from the times and nouns that stand before the noun to its
// end: "내일이 딸 생일인데" gives "내일이 딸 생일", "포장도 예쁘고 엄마가" gives
// "엄마". Words that are not known as nouns or times stay out: said back in a
// sentence of ours they would hardly ever be grammatical.
func (p *page) koreanPhrase(h cues.Hit) string {
	ws := words(p.text, p.sentenceAt(h.Start))
	at := slices.IndexFunc(ws, func(w span) bool { return h.Start < w.to })
	if at < 0 {
		return p.text[h.Start:h.End]
	}
	last := slices.IndexFunc(ws, func(w span) bool { return h.End <= w.to })
	if last < at {
		last = at
	}
	// The noun may go on: 환갑 + 여행.
	for last+1 < len(ws) && p.bare(ws[last]) && p.nounLike(ws[last+1]) && last-at < 2 {
		last++
	}
	from := at
	for from > 0 && at-from < 3 && p.text[ws[from-1].to:ws[from].from] == " " && !p.leads(ws[from-1]) && (p.modifies(ws[from-1]) || p.tells(ws[from-1])) {
		from--
	}
	end := p.strip(ws[last], h)
	text := strings.TrimSpace(p.text[ws[from].from:end])
	for utf8.RuneCountInString(text) > stakeRunes && from < at {
		from++
		text = strings.TrimSpace(p.text[ws[from].from:end])
	}
	return text
}

// strip cuts particles and the copula off a word, but never into the match.
func (p *page) strip(w span, h cues.Hit) int {
	end := w.to
	for _, x := range p.hits["particle"] {
		// 내일이: the match of a time holds its particle.
		inside := h.Name == "deadline" && x.Start >= w.from+len("내일") && x.End == h.End
		if x.End == w.to && x.Start < end && x.Start > w.from && (inside || x.Start >= min(h.End, w.to-1)) {
			end = x.Start
		}
	}
	return end
}

// bare reports whether a word is a noun without a particle.
func (p *page) bare(w span) bool {
	return !p.endsClause(w) && !slices.ContainsFunc(p.hits["particle"], func(x cues.Hit) bool { return x.End == w.to && x.Start > w.from })
}

// nounLike reports whether a word begins with a noun the rules know.
func (p *page) nounLike(w span) bool {
	starts := func(x cues.Hit) bool { return x.Start == w.from }
	return slices.ContainsFunc(p.hits["thing"], starts) || slices.ContainsFunc(p.hits["mod"], starts) || slices.ContainsFunc(p.hits["stake"], starts)
}

// tells reports a word that says when or what for, with at most one particle:
// 내일, 내일이, 금요일에, 생일은.
func (p *page) tells(w span) bool {
	whole := func(x cues.Hit) bool {
		return x.Start == w.from && utf8.RuneCountInString(p.text[x.End:max(w.to, x.End)]) <= 1
	}
	return slices.ContainsFunc(p.hits["time"], func(x cues.Hit) bool { return x.Name != "past" && whole(x) }) ||
		slices.ContainsFunc(p.hits["stake"], func(x cues.Hit) bool { return x.Name == "occasion" && whole(x) })
}

func (p *page) leads(w span) bool {
	return slices.ContainsFunc(p.hits["lead"], func(x cues.Hit) bool { return x.Start == w.from && x.End == w.to })
}

// endsClause reports whether a Korean word closes a clause by its ending.
func (p *page) endsClause(w span) bool {
	return slices.ContainsFunc(p.hits["ending"], func(x cues.Hit) bool { return x.End == w.to })
}

// englishPhrase is the short clause around the match, or the noun phrase when
// the clause is long or speaks of "I" or "you".
func (p *page) englishPhrase(h cues.Hit) string {
	ws := words(p.text, p.sentenceAt(h.Start))
	at := slices.IndexFunc(ws, func(w span) bool { return h.Start < w.to })
	last := slices.IndexFunc(ws, func(w span) bool { return h.End <= w.to })
	if at < 0 || last < at {
		return p.text[h.Start:h.End]
	}
	from, to := at, last
	for from > 0 && !p.breaks(ws[from-1], ws[from]) {
		from--
	}
	for to+1 < len(ws) && !p.breaks(ws[to+1], span{ws[to+1].from, ws[to+1].from}) && p.text[ws[to].to:ws[to+1].from] == " " {
		to++
	}
	first := strings.ToLower(p.text[ws[from].from:ws[from].to])
	if to-from < 9 && to > from && !slices.Contains(personal, first) && utf8.RuneCountInString(p.text[ws[from].from:ws[to].to]) <= 45 && !strings.Contains(p.text[ws[from].from:ws[to].to], "\n") {
		return p.text[ws[from].from:ws[to].to]
	}
	for from = at; from > 0 && at-from < 4 && !p.stops(ws[from-1]) && p.text[ws[from-1].to:ws[from].from] == " "; {
		from--
		if p.opens(ws[from]) {
			return p.text[ws[from].from:ws[last].to]
		}
	}
	return p.text[ws[at].from:ws[last].to] // without a determiner the words before it may be anything
}

// personal words begin a clause that cannot be said back as a reason.
var personal = []string{"i", "i'm", "i've", "you", "we", "it", "it's", "please", "can", "could", "what", "when", "where", "how", "why", "is", "will", "who", "there", "he", "she", "they", "this", "that", "just", "do", "does", "did", "if", "would", "not", "no", "to", "in", "on", "at", "for", "with", "from", "by"}

// joints are words that begin a new English clause.
var joints = []string{"and", "but", "because", "cause", "cos", "so", "since", "while", "which", "as", "though", "although", "if", "when", "or", "that's"}

// breaks reports whether a clause ends between two English words.
func (p *page) breaks(w, next span) bool {
	if next.from > w.to && strings.ContainsAny(p.text[w.to:next.from], ",;:()\n-—") {
		return true
	}
	return slices.Contains(joints, strings.ToLower(p.text[w.from:w.to]))
}

func (p *page) stops(w span) bool {
	return slices.ContainsFunc(p.hits["stop"], func(x cues.Hit) bool { return x.Start == w.from && x.End == w.to })
}

func (p *page) opens(w span) bool {
	return slices.ContainsFunc(p.hits["open"], func(x cues.Hit) bool { return x.Start == w.from && x.End == w.to })
}
