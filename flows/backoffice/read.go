package backoffice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/solve"
)

// read takes the declared fields of an answer. A field that is not there is not
// known; one of another type than declared, or an answer about something else
// than was asked for, makes the whole answer worthless.
func read(call *solve.Call, body map[string]any, args map[string]string) ([]bot.Fact, error) {
	for _, s := range call.Same {
		if got := fmt.Sprint(body[s]); got != args[s] {
			return nil, fmt.Errorf("the answer is about %s %q and not %q", s, got, args[s])
		}
	}
	var facts []bot.Fact
	for _, name := range slices.Sorted(maps.Keys(call.Facts)) {
		raw, ok := body[name]
		if !ok || raw == nil {
			continue
		}
		v, err := value(raw, call.Facts[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		facts = append(facts, bot.Fact{Name: name, Value: v})
	}
	return facts, nil
}

// value checks one field and writes it as a fact.
func value(raw any, k solve.Kind) (string, error) {
	s, isText := raw.(string)
	switch k.Name {
	case "number", "money":
		n, ok := raw.(float64)
		if !ok || k.Name == "money" && n < 0 {
			return "", fmt.Errorf("%v is no %s", raw, k.Name)
		}
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	case "flag":
		b, ok := raw.(bool)
		if !ok {
			return "", fmt.Errorf("%v is neither true nor false", raw)
		}
		return strconv.FormatBool(b), nil
	case "date":
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if d, err := time.Parse(layout, s); err == nil && d.Year() >= 1970 && d.Year() < 2200 {
				return d.Format(time.DateOnly), nil
			}
		}
		return "", fmt.Errorf("%v is no date", raw)
	case "word":
		if !slices.Contains(k.Words, s) {
			return "", fmt.Errorf("%v is not one of %s", raw, strings.Join(k.Words, ", "))
		}
		return s, nil
	}
	if !isText {
		if _, err := json.Marshal(raw); err != nil {
			return "", err
		}
		return "", fmt.Errorf("%v is no text", raw)
	}
	return tidy(s), nil
}

// wordsMax bounds a text from the brand's systems, in letters.
const wordsMax = 120

// tidy makes a text fit to stand inside a sentence: one line, no marks that
// would be read as Markdown, and short. Anybody may have written it.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_`[]<>{}|#", r) {
			return -1
		}
		return r
	}, bot.CleanText(s))
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return string(runes[:min(len(runes), wordsMax)])
}
