package danger

import (
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// Hear joins what the rules and the trained reader say of a message. The reader
// may raise the tier that the rules give. It lowers it only where it is sure
// that there is no danger and the rule is not a definite one: "collapsed" is
// said of tents, too, "not breathing" of people alone.
func (r *Reader) Hear(lang, text string, page *cues.Page) Verdict {
	v := r.Read(lang, text, page.Risks)
	ruled, kind := Ruled(page, v.Calm)
	if v.Risk == bot.R3 && v.Kind == "medical" && ruled < bot.R3 {
		v.Risk = bot.R2 // whether a body needs an ambulance is not guessed: the text of R2 says when it does
	}
	if ruled > v.Risk {
		v.Risk, v.Kind = ruled, kind
	}
	return v
}

// Holds reports whether a risk rule counts. Nobody laughs in an emergency:
// beside laughter only rules about thoughts of death do. Where the message is
// surely calm none do but the definite ones: those of class sure, and those that
// hear thoughts of death said in words, which masks guard against idioms.
func Holds(rule cues.Hit, page *cues.Page, calm bool) bool {
	self := strings.HasSuffix(rule.Name, ".self")
	if rule.Class == "sure" || self && rule.Name != "R1.self" {
		return true
	}
	return !calm && (self || page.Style.Laugh == 0)
}

// Ruled is the highest tier of the risk rules that hold, and its kind.
func Ruled(page *cues.Page, calm bool) (bot.Risk, string) {
	most, of := bot.R0, ""
	for _, h := range page.Risks {
		tier, kind, _ := strings.Cut(h.Name, ".")
		var t bot.Risk
		if t.UnmarshalText([]byte(tier)) == nil && t > most && Holds(h, page, calm) {
			most, of = t, kind
		}
	}
	return most, of
}
