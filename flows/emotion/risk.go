package emotion

import (
	"strings"

	"github.com/onkihq/onki/bot"
)

// risk is the danger to a person that the message speaks of: the highest tier
// of the rules that hold (care model 2.12). The evidence says which kind:
// "self" for thoughts of death, "other" when it is about somebody else,
// "medical", "child", "fire" or "violence" for an emergency.
func (w *work) risk() bot.Risk {
	most := bot.R0
	for _, h := range w.page.Risks {
		tier, kind, _ := strings.Cut(h.Name, ".")
		var r bot.Risk
		if r.UnmarshalText([]byte(tier)) != nil {
			continue
		}
		if kind != "self" && w.page.Style.Laugh > 0 {
			continue // nobody laughs in an emergency
		}
		most = max(most, r)
		w.show(h, "risk", kind, 1)
	}
	return most
}
