package appraise

import (
	"fmt"
	"strconv"
	"strings"
)

// usual is what an event means until the message says otherwise.
type usual struct {
	agency, fairness, wish   string
	certainty, control, harm float64
}

// lines calls f with every line of a table that is not empty or a comment.
func lines(name string, f func(line string) error) error {
	text, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read table: %w", err)
	}
	for n, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimRight(line, "\r"); line == "" || line[0] == '#' {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("table %s:%d: %w", name, n+1, err)
		}
	}
	return nil
}

func readDefaults(name string) (map[string]usual, error) {
	table := make(map[string]usual)
	return table, lines(name, func(line string) error {
		f := strings.Fields(line)
		if len(f) != 7 {
			return fmt.Errorf("want event, agency, fairness, certainty, control, harm and wish, not %d columns", len(f))
		}
		u := usual{agency: f[1], fairness: strings.Trim(f[2], "-"), wish: strings.Trim(f[6], "-")}
		for i, p := range []*float64{&u.certainty, &u.control, &u.harm} {
			x, err := strconv.ParseFloat(f[3+i], 64)
			if err != nil || x < 0 || x > 1 {
				return fmt.Errorf("%q: want a number from 0 to 1", f[3+i])
			}
			*p = x
		}
		table[f[0]] = u
		return nil
	})
}

func readEcho(name string) (map[string]string, error) {
	table := make(map[string]string)
	return table, lines(name, func(line string) error {
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			return fmt.Errorf("want language, their word and our word, with tabs between")
		}
		table[f[0]+" "+f[1]] = f[2]
		return nil
	})
}

// Echo turns the customer's own words so that the brand can say them back:
// "my suitcase" becomes "your suitcase", "내일이 딸 생일" becomes "내일이 따님
// 생일". Words it does not know stay as they are.
func Echo(words, lang string) string {
	t, err := compiled()
	if err != nil {
		return words
	}
	var out []string
	for _, w := range strings.Fields(words) {
		if our, ok := t.echo[lang+" "+strings.ToLower(w)]; ok {
			if our != "" {
				out = append(out, our)
			}
			continue
		}
		if base, ok := strings.CutSuffix(w, "의"); ok && lang == "ko" {
			if our, ok := t.echo[lang+" "+base]; ok {
				if our != "" {
					out = append(out, our+"의")
				}
				continue
			}
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
