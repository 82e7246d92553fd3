package appraise

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/onkihq/onki/flows/emotion/model"
)

//go:embed model/*.events
var trained embed.FS

// modelMagic begins every file of event weights; the number is its version.
const modelMagic = "ONKIEVENTS1\n"

// Weights are a linear reader of events in one language: for each event the
// log-odds that a message tells of it, as a sum over the n-grams of the text and
// over the scores of the rules. It is trained by package train from messages
// labelled by hand. A Weights is read-only and may be shared.
type Weights struct {
	Events []string  // what each column stands for; Nothing among them
	Least  float32   // the probability from which the likeliest event is believed
	Rules  []string  // the events whose rule scores are read
	Bias   []float32 // per event
	Dense  []float32 // per rule score and event, rule-major
	Scale  []float32 // per event: what one step of Grams is worth
	hashes []byte    // uint32 each, ascending
	idf    []byte    // float32 each
	grams  []byte    // int8 each, Events per n-gram

	readers sync.Pool // of *model.Grams, used again and again
}

// Nothing is the label of a message that tells of no event.
const Nothing = "none"

// header is the part of a file that is JSON.
type header struct {
	Events []string  `json:"events"`
	Least  float32   `json:"least"`
	Rules  []string  `json:"rules"`
	Bias   []float32 `json:"bias"`
	Dense  []float32 `json:"dense"`
	Scale  []float32 `json:"scale"`
	Grams  int       `json:"grams"`
}

// Pack writes weights as a file: magic, length of the header, header, hashes,
// document frequencies, weights, SHA-256 of everything before.
func Pack(w *Weights, hashes []uint32, idf []float32, grams []int8) ([]byte, error) {
	head, err := json.Marshal(header{w.Events, w.Least, w.Rules, w.Bias, w.Dense, w.Scale, len(hashes)})
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString(modelMagic)
	for _, part := range []any{uint32(len(head)), head, hashes, idf, grams} {
		if err := binary.Write(b, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), sum[:]...), nil
}

// Unpack reads what Pack wrote. It refuses damaged files and other versions.
func Unpack(name string, data []byte) (*Weights, error) {
	at := len(modelMagic)
	if !bytes.HasPrefix(data, []byte(modelMagic)) || len(data) < at+4+sha256.Size {
		return nil, fmt.Errorf("%s: not a file of event weights of this version: build it again with make model", name)
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil, fmt.Errorf("%s: damaged (its checksum does not fit): restore it from the release", name)
	}
	n := int(binary.LittleEndian.Uint32(body[at:]))
	var h header
	if at += 4; at+n > len(body) {
		return nil, fmt.Errorf("%s: its header is cut off", name)
	}
	if err := json.Unmarshal(body[at:at+n], &h); err != nil {
		return nil, fmt.Errorf("%s: header: %w", name, err)
	}
	rest, e := body[at+n:], len(h.Events)
	if h.Grams < 0 || len(rest) != h.Grams*(8+e) || len(h.Bias) != e || len(h.Scale) != e || len(h.Dense) != e*len(h.Rules) {
		return nil, fmt.Errorf("%s: its parts do not fit together", name)
	}
	return &Weights{
		Events: h.Events, Least: h.Least, Rules: h.Rules, Bias: h.Bias, Dense: h.Dense, Scale: h.Scale,
		hashes: rest[:4*h.Grams], idf: rest[4*h.Grams : 8*h.Grams], grams: rest[8*h.Grams:],
	}, nil
}

// Read returns the probability of each event, 0..1, by its place in Events.
// Rules are the scores that the rules give, by event.
func (w *Weights) Read(lang, text string, rules map[string]float64) []float64 {
	out := make([]float64, len(w.Events))
	known, norm := w.known(lang, text)
	for _, i := range known {
		v := w.frequency(i) / norm
		row := w.grams[i*len(out) : (i+1)*len(out)]
		for e := range out {
			out[e] += v * float64(int8(row[e])) * float64(w.Scale[e])
		}
	}
	for r, name := range w.Rules {
		if s := min(rules[name], RuleMax); s > 0 {
			for e := range out {
				out[e] += s * float64(w.Dense[r*len(out)+e])
			}
		}
	}
	for e := range out {
		out[e] = 1 / (1 + math.Exp(-out[e]-float64(w.Bias[e])))
	}
	return out
}

// RuleMax bounds a rule score where weights read it: beyond it more matches say
// nothing more.
const RuleMax = 1.5

// known lists the n-grams of the text that have weights, and their length as a
// vector.
func (w *Weights) known(lang, text string) (ids []int, norm float64) {
	g, ok := w.readers.Get().(*model.Grams)
	if !ok {
		g = new(model.Grams)
	}
	defer w.readers.Put(g)
	g.Read(text, model.ShapeOf(lang))
	slices.Sort(g.Hashes)
	n := len(w.hashes) / 4
	for _, h := range slices.Compact(g.Hashes) {
		i := sort.Search(n, func(i int) bool { return binary.LittleEndian.Uint32(w.hashes[4*i:]) >= h })
		if i < n && binary.LittleEndian.Uint32(w.hashes[4*i:]) == h {
			ids = append(ids, i)
			norm += w.frequency(i) * w.frequency(i)
		}
	}
	return ids, math.Sqrt(max(norm, 1e-9))
}

func (w *Weights) frequency(i int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(w.idf[4*i:])))
}

// loadWeights reads the embedded files, by language.
func loadWeights() (map[string]*Weights, error) {
	all := make(map[string]*Weights)
	for _, lang := range []string{"ko", "en"} {
		name := "model/" + lang + ".events"
		data, err := trained.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("event weights: %w", err)
		}
		if all[lang], err = Unpack(name, data); err != nil {
			return nil, err
		}
	}
	return all, nil
}
