package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// header is the first line of a file of question–answer pairs. Further
// columns may be title, lang, audience, url, from and until.
const header = "question,answer"

// readCSV reads question–answer pairs, one a row.
func readCSV(d *document) {
	r := csv.NewReader(strings.NewReader(d.text))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		head, err = nil, nil
	}
	if err != nil {
		head = []string{strings.SplitN(d.text, "\n", 2)[0]}
	}
	if head = d.header(head); head == nil {
		return
	}
	for {
		row, err := r.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &bad):
			d.report.fault(d.at(bad.StartLine), "put the text in double quotes and double the quotes inside", "%v", bad.Err)
			return
		case err != nil:
			d.report.fault(d.name, "save the file again", "%v", err)
			return
		}
		line, _ := r.FieldPos(0)
		d.row(line, head, row)
	}
}

// readTSV reads question–answer pairs with tabs between the columns. Quotes
// are letters like others there.
func readTSV(d *document) {
	lines := strings.Split(strings.TrimRight(d.text, "\n"), "\n")
	head := d.header(strings.Split(lines[0], "\t"))
	if head == nil {
		return
	}
	for i, line := range lines[1:] {
		if strings.TrimSpace(line) != "" {
			d.row(i+2, head, strings.Split(line, "\t"))
		}
	}
}

// header checks the first row; nil when it is not that of pairs.
func (d *document) header(head []string) []string {
	if strings.TrimSpace(strings.Join(head, "")) == "" {
		d.report.fault(d.at(1), "write the first line as "+header, "is empty")
		return nil
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
	}
	if !slices.Contains(head, "question") || !slices.Contains(head, "answer") {
		d.report.fault(d.at(1), "write the first line as "+header, "the first line %q is not the header of question–answer pairs", short(strings.Join(head, ",")))
		return nil
	}
	return head
}

// row makes a pair of one row.
func (d *document) row(line int, head, row []string) {
	if len(row) != len(head) {
		d.report.fault(d.at(line), "put text that holds a comma in double quotes", "has %d columns where the header has %d", len(row), len(head))
		return
	}
	fields := make(map[string]string, len(head))
	for i, h := range head {
		fields[h] = strings.TrimSpace(row[i])
	}
	d.pair(line, fields)
}

// readJSONL reads question–answer pairs, one JSON object a line.
func readJSONL(d *document) {
	for i, line := range strings.Split(d.text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader([]byte(line)))
		var fields map[string]string
		if err := dec.Decode(&fields); err != nil {
			d.report.fault(d.at(i+1), `write one object of texts a line: {"question":"…","answer":"…"}`, "not a pair: %v", err)
			continue
		}
		d.pair(i+1, fields)
	}
}

// pair makes a passage of a question and its answer.
func (d *document) pair(line int, fields map[string]string) {
	q, a := strings.TrimSpace(fields["question"]), strings.TrimSpace(fields["answer"])
	if q == "" && a == "" {
		return
	}
	if q == "" || a == "" {
		d.report.fault(d.at(line), "write both, or remove the line", "a pair needs a question and an answer")
		return
	}
	var m meta
	for _, key := range []string{"title", "lang", "audience", "url", "from", "until"} {
		if fields[key] == "" {
			continue
		}
		if err := m.set(key, fields[key]); err != nil {
			what, remedy, _ := strings.Cut(err.Error(), "; ")
			d.report.fault(d.at(line), remedy, "%s", what)
			return
		}
	}
	title := m.title
	if title == "" {
		title = q
	}
	sum := sha256.Sum256([]byte(q))
	d.add(hex.EncodeToString(sum[:5]), line, bot.Passage{
		Title: title, Question: q, Answer: a, Text: a,
		Lang: m.lang, Audience: m.audience, URL: m.url, From: m.from, Until: m.until,
	})
}
