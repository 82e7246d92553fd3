package appraise

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/flows/emotion/cues"
)

// nounRunes bounds the customer's noun.
const nounRunes = 20

// dealings are events that are about a dealing and not about a thing.
var dealings = []string{"refund_delay", "double_charge", "price_dispute", "payment_fail", "waiting", "contact_loop", "misinformation", "rude_staff"}

// noun is the customer's own noun phrase for the thing: "딸 생일 선물", "my
// suitcase". It is "" when the message names none.
func (p *page) noun() string {
	best, most := "", 0
	for i, h := range p.hits["thing"] {
		if i == 60 {
			break
		}
		var text string
		var rank int
		if guess(p.text[h.Start:h.End]) == "ko" || p.lang == "ko" {
			text, rank = p.koreanNoun(h)
		} else {
			text, rank = p.englishNoun(h)
		}
		if n := utf8.RuneCountInString(text); n == 0 || n > nounRunes {
			continue
		}
		rank = rank*100 + p.value(h.Name)*100 - min(i, 20)
		if rank > most {
			best, most = text, rank
		}
	}
	return best
}

// value says how well a kind of noun fits the event.
func (p *page) value(kind string) int {
	dealing := slices.Contains(dealings, p.event)
	switch {
	case kind == "dealing" && dealing:
		return 3
	case kind == "dealing":
		return 1
	case p.event == "delivery_late" || p.event == "wrong_item" || p.event == "damaged_item" || p.event == "delivery_missing" || p.event == "exchange" || p.event == "lost_item":
		if kind == "goods" {
			return 4
		}
		return 3
	}
	return 3
}

// koreanNoun takes the noun and the nouns that stand before it.
func (p *page) koreanNoun(h cues.Hit) (string, int) {
	ws := words(p.text, p.sentenceAt(h.Start))
	at := slices.IndexFunc(ws, func(w span) bool { return h.Start >= w.from && h.Start < w.to })
	if at < 0 || h.Start > ws[at].from && !p.splitsWord(ws[at], h.Start) {
		return "", 0
	}
	last := at
	for last < len(ws)-1 && h.End > ws[last].to {
		last++
	}
	// "생일 선물 포장" goes on to its last noun.
	for last+1 < len(ws) && last-at < 2 && p.text[ws[last].to:ws[last+1].from] == " " && p.bareNoun(ws[last], h) && p.startsThing(ws[last+1]) {
		return "", 0 // the longer noun has its own turn
	}
	end := p.strip(ws[last], h)
	if end > h.End {
		return "", 0 // 취소한, 결제하니: the noun went on into a verb
	}
	from := at
	for from > 0 && at-from < 3 && p.text[ws[from-1].to:ws[from].from] == " " && p.modifies(ws[from-1]) {
		from--
	}
	start := ws[from].from
	if from == at && h.Start > start {
		start = ws[at].from
	}
	text := strings.TrimSpace(p.text[start:end])
	for utf8.RuneCountInString(text) > nounRunes && from < at {
		from++
		text = strings.TrimSpace(p.text[ws[from].from:end])
	}
	rank := 0
	if from < at {
		rank = 1
	}
	return text, rank
}

// splitsWord reports whether a word that is written as one, such as
// 생일선물, may be cut before the noun.
func (p *page) splitsWord(w span, at int) bool {
	return slices.ContainsFunc(p.hits["mod"], func(x cues.Hit) bool { return x.Start == w.from && x.End == at })
}

func (p *page) bareNoun(w span, h cues.Hit) bool { return h.End == w.to }

func (p *page) startsThing(w span) bool {
	return slices.ContainsFunc(p.hits["thing"], func(x cues.Hit) bool { return x.Start == w.from && x.Name != "dealing" })
}

// modifies reports whether the whole word is one that belongs to a noun after it.
func (p *page) modifies(w span) bool {
	whole := func(x cues.Hit) bool { return x.Start == w.from && x.End == w.to }
	if slices.ContainsFunc(p.hits["mod"], whole) || slices.ContainsFunc(p.hits["thing"], func(x cues.Hit) bool { return whole(x) && x.Name != "dealing" }) {
		return true
	}
	// 엄마의, 주문하신: a modifier with its ending.
	return slices.ContainsFunc(p.hits["mod"], func(x cues.Hit) bool {
		return x.Start == w.from && strings.TrimPrefix(p.text[x.End:max(w.to, x.End)], "의") == "" && x.End < w.to
	})
}

// englishNoun takes the noun phrase from its determiner to its last noun.
func (p *page) englishNoun(h cues.Hit) (string, int) {
	ws := words(p.text, p.sentenceAt(h.Start))
	at := slices.IndexFunc(ws, func(w span) bool { return h.Start >= w.from && h.Start < w.to })
	if at < 0 {
		return "", 0
	}
	last := at
	for last < len(ws)-1 && h.End > ws[last].to {
		last++
	}
	near := func(i int) bool { return p.text[ws[i].to:ws[i+1].from] == " " }
	if last+1 < len(ws) && near(last) && slices.ContainsFunc(p.hits["thing"], func(x cues.Hit) bool { return x.Start == ws[last+1].from && x.Name != "dealing" }) {
		return "", 0 // "birthday present": the present has its own turn
	}
	from, rank := at, 0
	for from > 0 && at-from < 4 && near(from-1) {
		if p.opens(ws[from-1]) {
			from--
			rank = 1
			first := strings.ToLower(p.text[ws[from].from:ws[from].to])
			if first == "my" || first == "our" {
				rank = 2
			}
			break
		}
		if p.stops(ws[from-1]) {
			break
		}
		from--
	}
	text := p.text[ws[from].from:min(ws[last].to, max(h.End, ws[last].to))]
	if rank == 0 {
		text = p.text[ws[at].from:ws[last].to] // without a determiner the words before may be anything
	}
	for utf8.RuneCountInString(text) > nounRunes && from < at {
		from++
		text = p.text[ws[from].from:ws[last].to]
	}
	return strings.TrimSuffix(text, "'s"), rank
}
