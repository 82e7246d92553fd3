package model

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed names/*.txt
var nameFiles embed.FS

// Space is a set of labels.
type Space int

// The label spaces: the two public sets, for comparison with the literature,
// and Onki's own (care model 3.1), for the product.
const (
	GoEmotions Space = iota // English, 28 labels
	KOTE                    // Korean, 44 labels
	Care                    // both languages, 17 labels
)

// CareLabels is the number of care emotions.
const CareLabels = 17

// String returns the name of the space as the command line takes it.
func (s Space) String() string {
	return [...]string{"goemotions", "kote", "care"}[s]
}

// SpaceOf returns the public set that a language was trained on.
func SpaceOf(lang string) Space {
	if lang == "ko" {
		return KOTE
	}
	return GoEmotions
}

var (
	labelNames = [...][]string{readNames("goemotions"), readNames("kote"), readNames("care")}
	actNames   = readNames("acts")
	mapping    = readMapping()
)

func readNames(name string) []string {
	text, err := nameFiles.ReadFile("names/" + name + ".txt")
	if err != nil {
		panic(err) // an embedded file cannot be missing
	}
	return strings.Fields(string(text))
}

// Labels returns the names of a space in order. Do not change it.
func Labels(s Space) []string { return labelNames[s] }

// Acts returns the Korean speech acts in order, after the 3i4k set. Do not change it.
func Acts() []string { return actNames }

// Meaning looks a label up in a table of mapping.txt: "care", "coarse",
// "ekman", "sentiment" or "thirteen". It is empty where the label has none.
func Meaning(table, label string) string { return mapping[table][label] }

// Affect returns the valence (−1..1) and arousal (0..1) of a care label
// before any text is read: care model 3.1.
func Affect(label string) (valence, arousal float64) {
	v, a, _ := strings.Cut(mapping["affect"][label], ",")
	valence, _ = strconv.ParseFloat(v, 64)
	arousal, _ = strconv.ParseFloat(a, 64)
	return valence, arousal
}

// Groups returns the groups of a table in the order of their first label in
// the space, and the group number of each label (−1: none).
func Groups(table string, s Space) (names []string, of []int) {
	of = make([]int, len(labelNames[s]))
	for i, l := range labelNames[s] {
		g := mapping[table][l]
		of[i] = -1
		if g == "" {
			continue
		}
		if of[i] = slices.Index(names, g); of[i] < 0 {
			of[i] = len(names)
			names = append(names, g)
		}
	}
	return names, of
}

func readMapping() map[string]map[string]string {
	text, err := nameFiles.ReadFile("names/mapping.txt")
	if err != nil {
		panic(err) // an embedded file cannot be missing
	}
	m, err := parseMapping(string(text))
	if err != nil {
		panic(err) // checked by the tests
	}
	return m
}

func parseMapping(text string) (map[string]map[string]string, error) {
	m := make(map[string]map[string]string)
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cols := strings.Split(line, "\t")
		if len(cols) != 3 {
			return nil, fmt.Errorf("read mapping.txt line %d: want table, label and meaning separated by tabs, have %q", n+1, line)
		}
		if m[cols[0]] == nil {
			m[cols[0]] = make(map[string]string)
		}
		if cols[2] != "-" {
			m[cols[0]][cols[1]] = cols[2]
		}
	}
	return m, nil
}
