package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/llm"
	"github.com/onkihq/onki/flows/measure"
)

// A judgment is what a judge said about two configurations. A pair counts for one
// of them only if the judge preferred it in both orders.
type judgment struct {
	Pairs      int       `json:"pairs"` // turns in which the two said different things
	First      int       `json:"first"`
	Second     int       `json:"second"`
	Ties       int       `json:"ties"`    // said so, or preferred whatever came first
	Swayed     int       `json:"swayed"`  // of the ties: what came first, or second, won both times
	Longer     int       `json:"longer"`  // of the decided: the longer answer won
	Failed     int       `json:"failed"`  // the judge gave no verdict
	Planted    int       `json:"planted"` // bad answers put in place of one of the two
	Seen       int       `json:"seen"`    // of these, lost as they must
	Remarks    []verdict `json:"remarks"`
	Unreliable bool      `json:"unreliable"` // less than nine of ten planted answers were seen: do not trust the rest
}

// verdict is what was said about one turn.
type verdict struct {
	Talk   string `json:"talk"`
	Turn   int    `json:"turn"`
	Better string `json:"better"`
	Why    string `json:"why"`
}

// plantedEvery of the pairs also has a planted control.
const plantedEvery = 10

// planted are answers that must lose: beside the point, too sorry, joking.
var planted = map[string][]string{
	"ko": {"오늘 날씨가 참 좋네요. 즐거운 하루 보내세요!", "죄송합니다. 정말 죄송합니다. 너무나 죄송합니다. 거듭 죄송합니다.", "ㅋㅋㅋ 그런 일도 있는 거죠 뭐! 힘내세요~"},
	"en": {"The weather is lovely today. Enjoy it!", "Sorry. We are so sorry. So very, very sorry. Sorry again.", "Haha, these things happen! Cheer up :)"},
}

// judge compares two runs of the same conversations, turn by turn.
func judge(ctx context.Context, bench llm.Bench, a, b []measure.Conversation) *judgment {
	j := &judgment{}
	rnd := rand.New(rand.NewPCG(1, 2)) // which controls are planted where is the same in every run
	for i := range min(len(a), len(b)) {
		for k := range min(len(a[i].Entries), len(b[i].Entries)) {
			one, two := a[i].Entries[k], b[i].Entries[k]
			if said(one) == said(two) || said(one) == "" {
				continue
			}
			j.Pairs++
			j.count(j.pair(ctx, bench, one, said(one), said(two), a[i].Name, k+1))
			if j.Pairs%plantedEvery == 1 {
				bad := planted[one.Reply.Lang]
				if len(bad) == 0 {
					bad = planted["en"]
				}
				j.Planted++
				if v := j.pair(ctx, bench, one, said(one), bad[rnd.IntN(len(bad))], a[i].Name, k+1); v.Better == "1" {
					j.Seen++
				}
			}
		}
	}
	j.Unreliable = j.Planted > 0 && 10*j.Seen < 9*j.Planted
	return j
}

// pair asks in both orders. The verdict is "1", "2", "tie", "swayed" or "".
func (j *judgment) pair(ctx context.Context, bench llm.Bench, e bot.Entry, one, two, talk string, turn int) verdict {
	v := verdict{Talk: talk, Turn: turn}
	var known []string
	for _, p := range e.Passages {
		known = append(known, p.Title+": "+p.Text)
	}
	message := bot.Join(e.Messages).Text
	there, err := bench.Compare(ctx, e.Reply.Lang, message, strings.Join(known, "\n"), one, two)
	if err != nil {
		return v
	}
	back, err := bench.Compare(ctx, e.Reply.Lang, message, strings.Join(known, "\n"), two, one)
	if err != nil {
		return v
	}
	turned := map[string]string{"1": "2", "2": "1", "tie": "tie"}[back.Better]
	v.Better, v.Why = there.Better, there.Why
	if there.Better != turned {
		v.Better = "tie"
		if there.Better == back.Better && there.Better != "tie" {
			v.Better = "swayed"
		}
	}
	if (v.Better == "1" && len(one) > len(two)) || (v.Better == "2" && len(two) > len(one)) {
		v.Why = "longer: " + v.Why
	}
	return v
}

func (j *judgment) count(v verdict) {
	switch v.Better {
	case "1":
		j.First++
	case "2":
		j.Second++
	case "tie":
		j.Ties++
	case "swayed":
		j.Ties++
		j.Swayed++
	default:
		j.Failed++
	}
	if rest, ok := strings.CutPrefix(v.Why, "longer: "); ok {
		j.Longer++
		v.Why = rest
	}
	j.Remarks = append(j.Remarks, v)
}

func (j *judgment) print(out io.Writer) {
	fmt.Fprintf(out, "\njudged blind in both orders: %d pairs, first %d, second %d, ties %d (of them %d swayed by the order), no verdict %d; the longer answer won %d of %d\n",
		j.Pairs, j.First, j.Second, j.Ties, j.Swayed, j.Failed, j.Longer, j.First+j.Second)
	fmt.Fprintf(out, "planted bad answers seen: %d of %d", j.Seen, j.Planted)
	if j.Unreliable {
		fmt.Fprint(out, " – too few: do not trust this judge")
	}
	fmt.Fprintln(out)
}
