package linear

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// magic begins every file; the number is its version.
const magic = "ONKILINEAR1\n"

// gramsMost bounds the n-grams of a file.
const gramsMost = math.MaxUint16 - 1

// Head is the part of a file that is JSON.
type Head struct {
	Kind   string             `json:"kind"` // what the weights are for, such as "events"
	Labels []string           `json:"labels"`
	Inputs []string           `json:"inputs,omitempty"`
	Cuts   map[string]float64 `json:"cuts,omitempty"`
	Bias   []float32          `json:"bias"`
	Dense  []float32          `json:"dense,omitempty"`
	Scale  []float32          `json:"scale"`
	Soft   float64            `json:"soft,omitempty"` // as in Weights
	Grams  int                `json:"grams"`
}

// Pack writes weights as a file: magic, length of the header, header, hashes
// (ascending), document frequencies, one byte per weight, SHA-256 of everything
// before. W holds the weights of the n-grams and then of the inputs, Labels
// each. Head's Dense, Scale and Grams are filled here.
func Pack(h Head, hashes []uint32, idf, w []float32) ([]byte, error) {
	n, all := len(h.Labels), len(hashes)
	if all > gramsMost || len(idf) != all || len(w) != (all+len(h.Inputs))*n {
		return nil, fmt.Errorf("pack %s: %d n-grams with %d weights do not fit together", h.Kind, all, len(w))
	}
	h.Grams, h.Dense, h.Scale = all, w[all*n:], make([]float32, n)
	for i, v := range w[:all*n] {
		h.Scale[i%n] = max(h.Scale[i%n], float32(math.Abs(float64(v)))/127)
	}
	grams := make([]int8, all*n)
	for i := range grams {
		grams[i] = int8(math.Round(float64(w[i] / max(h.Scale[i%n], 1e-9))))
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString(magic)
	for _, part := range []any{uint32(len(head)), head, hashes, idf, grams} {
		if err := binary.Write(b, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), sum[:]...), nil
}

// Unpack reads what Pack wrote of this kind. It refuses damaged files, other
// versions and other kinds; the error names the file.
func Unpack(kind, name string, data []byte) (*Weights, error) {
	at := len(magic)
	if !bytes.HasPrefix(data, []byte(magic)) || len(data) < at+4+sha256.Size {
		return nil, fmt.Errorf("%s: not a file of weights of this version: build it again with make model", name)
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil, fmt.Errorf("%s: damaged (its checksum does not fit): restore it from the release", name)
	}
	n := int(binary.LittleEndian.Uint32(body[at:]))
	var h Head
	if at += 4; n < 0 || at+n > len(body) {
		return nil, fmt.Errorf("%s: its header is cut off", name)
	}
	if err := json.Unmarshal(body[at:at+n], &h); err != nil {
		return nil, fmt.Errorf("%s: header: %w", name, err)
	}
	if h.Kind != kind {
		return nil, fmt.Errorf("%s: weights of %q where those of %q are wanted", name, h.Kind, kind)
	}
	rest, k := body[at+n:], len(h.Labels)
	if h.Grams < 0 || h.Grams > gramsMost || len(rest) != h.Grams*(8+k) || len(h.Bias) != k || len(h.Scale) != k || len(h.Dense) != k*len(h.Inputs) {
		return nil, fmt.Errorf("%s: its parts do not fit together", name)
	}
	w := &Weights{
		Labels: h.Labels, Inputs: h.Inputs, Cuts: h.Cuts, Bias: h.Bias, Dense: h.Dense, Scale: h.Scale, Soft: h.Soft,
		hashes: make([]uint32, h.Grams), idf: make([]float32, h.Grams), grams: make([]int8, h.Grams*k),
	}
	for i := range w.hashes {
		w.hashes[i] = binary.LittleEndian.Uint32(rest[4*i:])
		w.idf[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*(h.Grams+i):]))
	}
	for i, b := range rest[8*h.Grams:] {
		w.grams[i] = int8(b)
	}
	w.index()
	return w, nil
}

// index makes the hash table: at most half full, so that a search is short.
func (w *Weights) index() {
	size := 2
	for size < 2*len(w.hashes) {
		size *= 2
	}
	w.slots = make([]uint16, size)
	for i, h := range w.hashes {
		at := h & uint32(size-1)
		for w.slots[at] != 0 {
			at = (at + 1) & uint32(size-1)
		}
		w.slots[at] = uint16(i + 1)
	}
}
