// Package corpus reads the public data sets that the recognizer is trained on
// and measured by, in the tab-separated form of their SOURCE.md files.
package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Row is one text and the labels people gave it.
type Row struct {
	Text   string
	Kind   string // of a hard case
	Labels []string
	Values []float64 // ratings, where the set has them
}

// ErrNone means that a file is not there; a set may be left out.
var ErrNone = errors.New("corpus: no such file")

// Format says what the columns of a set's files mean.
type Format struct {
	Text, Labels int    // columns, from 0; Labels < 0: none
	Kind         int    // column, counted from 1; 0: none
	Values       []int  // numeric columns
	Columns      int    // how many there must be at least
	Split        string // between labels; "" for one label
}

// Read reads one file; ErrNone when it does not exist.
func Read(path string, f Format) ([]Row, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNone, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	}
	defer file.Close()
	var rows []Row
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<16), 1<<24)
	for n := 1; lines.Scan(); n++ {
		row, err := f.row(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("read corpus: %s line %d: %w", path, n, err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read corpus: %s: %w", path, err)
	}
	return rows, nil
}

func (f Format) row(line string) (Row, error) {
	cols := strings.Split(line, "\t")
	if len(cols) < f.Columns {
		return Row{}, fmt.Errorf("%d columns where %d are needed, separated by tabs", len(cols), f.Columns)
	}
	row := Row{Text: cols[f.Text]}
	if f.Kind > 0 {
		row.Kind = cols[f.Kind-1]
	}
	if f.Labels >= 0 {
		if f.Split == "" {
			row.Labels = []string{strings.TrimSpace(cols[f.Labels])}
		} else {
			for l := range strings.SplitSeq(cols[f.Labels], f.Split) {
				row.Labels = append(row.Labels, strings.TrimSpace(l))
			}
		}
	}
	for _, c := range f.Values {
		v, err := strconv.ParseFloat(strings.TrimSpace(cols[c]), 64)
		if err != nil {
			return Row{}, fmt.Errorf("column %d is not a number: %q", c+1, cols[c])
		}
		row.Values = append(row.Values, v)
	}
	return row, nil
}

// Formats of the sets, by folder name.
var formats = map[string]Format{
	"goemotions":         {Text: 0, Labels: 1, Columns: 2, Split: ","},
	"kote":               {Text: 1, Labels: 2, Columns: 3, Split: ","},
	"nsmc":               {Text: 2, Labels: -1, Values: []int{1}, Columns: 3},
	"3i4k":               {Text: 0, Labels: 1, Columns: 2},
	"korean-hate-speech": {Text: 0, Labels: 1, Columns: 2},
	"apeach":             {Text: 0, Labels: 1, Columns: 2},
	"korean-chatbot-qa":  {Text: 0, Labels: 2, Columns: 3},
	"emobank":            {Text: 3, Labels: -1, Values: []int{0, 1, 2}, Columns: 4},
	"xed-english":        {Text: 0, Labels: 1, Columns: 2, Split: ","},
	"banking77":          {Text: 0, Labels: 1, Columns: 2},
	"bitext-intents":     {Text: 0, Labels: 2, Columns: 3},
}

// Load reads DIR/set/file. KOTE's label numbers become names by DIR/kote/labels.txt.
func Load(dir, set, file string) ([]Row, error) {
	f, ok := formats[set]
	if !ok {
		return nil, fmt.Errorf("read corpus: unknown set %q", set)
	}
	rows, err := Read(filepath.Join(dir, set, file), f)
	if err != nil || set != "kote" {
		return rows, err
	}
	names, err := os.ReadFile(filepath.Join(dir, set, "labels.txt"))
	if err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	}
	return rows, number(rows, strings.Split(strings.TrimSpace(string(names)), "\n"))
}

func number(rows []Row, names []string) error {
	for i := range rows {
		for j, l := range rows[i].Labels {
			n, err := strconv.Atoi(l)
			if err != nil || n < 0 || n >= len(names) {
				return fmt.Errorf("read corpus: kote row %d: label %q is no number below %d", i+1, l, len(names))
			}
			rows[i].Labels[j] = strings.TrimSpace(names[n])
		}
	}
	return nil
}
