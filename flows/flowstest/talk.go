// Package flowstest plays talk files: conversations written as plain text that
// a copywriter can read and a machine can check.
//
//	# An angry customer is heard first, helped second, calmed third.
//	lang: ko
//	> 세 번째 문의예요. 내일까지 환불해 준다면서요!
//	~ anger high · apology 4 · case: refund_delay, money
//	< acknowledge: … 세 번째 …
//	< guide: …
//	! not: 진정하
//
// A line that begins with > is said by the customer, two in a row are a burst,
// and an empty > line is silence. A ~ line says what must be heard and decided,
// items separated by "·". A < line is what the named stage says: "…" stands for
// anything, and without it the text must be the same to the letter. A ! line
// names words that must not be said. A * line lets the brand's system do what
// was ordered and report back; what follows is what is said then. [] and the ID
// of a choice press a button; + and a name attach a file to what was just said.
// A # line is a remark. The lines lang:,
// user:, time: and context: set what the channel would know; a "wait 2h" line
// lets time pass.
package flowstest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Talk is one parsed talk file.
type Talk struct {
	Name    string
	Lang    string
	User    string
	Time    time.Time
	Context map[string]string
	Turns   []Exchange
	lines   []string
}

// An Exchange is what the customer says and what must come of it.
type Exchange struct {
	Line    int           // line number of the first thing said
	Wait    time.Duration // time passed since the last exchange
	Said    []string      // what the customer says, message by message
	Files   []string      // what they attach to the last of it, by name
	Choice  string        // the button they press instead
	Result  bool          // nobody speaks: the brand's system does what was ordered and reports
	Expect  []Expectation
	Replies []Line // what each stage must say
	Never   []Line // words that must not be said
}

// An Expectation is one item of a ~ line.
type Expectation struct {
	Line int
	Text string
}

// A Line is a < or ! line.
type Line struct {
	Line  int
	Stage string // "" for a ! line
	Text  string
}

// start is when a talk begins if it does not say: a Wednesday morning in
// Seoul, inside everybody's hours.
var start = time.Date(2026, 3, 4, 10, 0, 0, 0, time.FixedZone("KST", 9*60*60))

// Parse reads a talk file. Errors name the file and the line.
func Parse(name string, r io.Reader) (*Talk, error) {
	t := &Talk{Name: name, Time: start, User: "talk"}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		t.lines = append(t.lines, in.Text())
		if err := t.add(len(t.lines), strings.TrimRight(in.Text(), " \t\r")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, len(t.lines), err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, len(t.lines)+1, err)
	}
	if len(t.Turns) == 0 {
		return nil, fmt.Errorf("%s:1: nobody says anything: begin a line with >", name)
	}
	return t, nil
}

// add takes one line.
func (t *Talk) add(n int, line string) error {
	mark, rest, _ := strings.Cut(line, " ")
	switch {
	case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		return nil
	case mark == ">":
		t.say(n, strings.ReplaceAll(rest, `\n`, "\n"))
		return nil
	case mark == "[]": // presses a button
		e := t.exchange(n)
		e.Choice = strings.TrimSpace(rest)
		e.Said = append(e.Said, e.Choice)
		return nil
	case mark == "+": // attaches a file
		e := t.exchange(n)
		if len(e.Said) == 0 {
			return fmt.Errorf("+ %s: a file comes with something said: write a > line before it, empty if need be", rest)
		}
		e.Files = append(e.Files, strings.TrimSpace(rest))
		return nil
	case mark == "*":
		t.Turns = append(t.Turns, Exchange{Line: n, Result: true})
		return nil
	case mark == "wait":
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		if err != nil || d < 0 {
			return fmt.Errorf("wait %q: want a time such as 90s, 20m or 2h", rest)
		}
		t.Turns = append(t.Turns, Exchange{Line: n, Wait: d})
		return nil
	case mark == "~" || mark == "<" || mark == "!":
		return t.expect(n, mark, rest)
	}
	return t.head(line)
}

// say adds a message: to the open exchange while nothing is expected of it
// yet, else to a new one.
func (t *Talk) say(n int, text string) {
	e := t.exchange(n)
	e.Said = append(e.Said, text)
}

func (t *Talk) exchange(n int) *Exchange {
	if k := len(t.Turns); k > 0 {
		e := &t.Turns[k-1]
		if len(e.Expect)+len(e.Replies)+len(e.Never) == 0 && !e.Result {
			return e
		}
	}
	t.Turns = append(t.Turns, Exchange{Line: n})
	return &t.Turns[len(t.Turns)-1]
}

func (t *Talk) expect(n int, mark, rest string) error {
	if k := len(t.Turns) - 1; k < 0 || len(t.Turns[k].Said) == 0 && !t.Turns[k].Result {
		return fmt.Errorf("%q expects something before the customer has spoken: put a > line before it", mark)
	}
	e := &t.Turns[len(t.Turns)-1]
	rest = strings.TrimSpace(rest)
	switch mark {
	case "~":
		for item := range strings.SplitSeq(rest, "·") {
			if item = strings.TrimSpace(item); item != "" {
				e.Expect = append(e.Expect, Expectation{n, item})
			}
		}
	case "<":
		stage, text, ok := strings.Cut(rest, ":")
		if !ok {
			return fmt.Errorf("%q: want < STAGE: words", rest)
		}
		e.Replies = append(e.Replies, Line{n, strings.TrimSpace(stage), strings.TrimSpace(text)})
	case "!":
		text, ok := strings.CutPrefix(rest, "not:")
		if !ok {
			return fmt.Errorf("%q: want ! not: words", rest)
		}
		e.Never = append(e.Never, Line{Line: n, Text: strings.TrimSpace(text)})
	}
	return nil
}

// head takes a line that sets what the channel would know.
func (t *Talk) head(line string) error {
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !ok {
		return fmt.Errorf("%q: a line begins with >, ~, <, !, *, #, wait, [], or is lang:, user:, time:, or context: something", line)
	}
	switch key {
	case "lang":
		t.Lang = value
	case "user":
		t.User = value
	case "time":
		at, err := time.ParseInLocation("2006-01-02 15:04", value, start.Location())
		if err != nil {
			return fmt.Errorf("time %q: want 2026-03-04 10:00", value)
		}
		t.Time = at
	case "context":
		name, v, ok := strings.Cut(value, "=")
		if !ok {
			return fmt.Errorf("context %q: want name=value", value)
		}
		if t.Context == nil {
			t.Context = make(map[string]string)
		}
		t.Context[strings.TrimSpace(name)] = strings.TrimSpace(v)
	default:
		return fmt.Errorf("%q is not known: want lang, user, time or context", key)
	}
	return nil
}
