package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// FormatVersion is the version of the model file that this program reads.
const FormatVersion = 1

const magic = "ONKIHEAR"

// Errors of Open; the message names the file.
var (
	ErrFormat  = errors.New("not a recognizer file")
	ErrVersion = errors.New("a recognizer file of another version: train it again with make model")
	ErrDamaged = errors.New("damaged: its checksum does not match")
)

// File is what a model file holds: one language.
type File struct {
	Meta Meta
	Keys []uint32  // hashes of the known n-grams, ascending
	IDF  []byte    // inverse document frequency of each, in 1/20
	Rows []byte    // Meta.Columns weights of each, 128 being zero
	Unit []float32 // per column: the value of one step of weight
	Bias []float32 // per column
	Mix  []float32 // Fast: outputs × (columns + 1), the last being the bias
	Net  *Net      // the second reader; may be nil
	// FullMix is outputs × (columns + net outputs + 1), for Full.
	FullMix []float32
}

// Meta describes a model: what it was trained on and how to read its numbers.
type Meta struct {
	Lang       string            `json:"lang"`
	Version    string            `json:"version"` // of the training, in words
	Seed       uint64            `json:"seed"`
	Columns    int               `json:"columns"` // padded to a multiple of 8
	Sets       []Set             `json:"sets"`
	Thresholds map[string]Cut    `json:"thresholds"` // by "fast" and "full"
	Figures    map[string]Figure `json:"figures"`    // cross-validated figures by name
}

// Set names a data set that a model was trained on.
type Set struct {
	Name    string `json:"name"`
	Licence string `json:"licence"`
	Rows    int    `json:"rows"`
}

// Figure is one measured value with its 95 % bootstrap interval, by label where it has them.
type Figure struct {
	Value  float64            `json:"value"`
	Low    float64            `json:"low,omitempty"`
	High   float64            `json:"high,omitempty"`
	Labels map[string]float64 `json:"labels,omitempty"`
}

// Outputs is the number of final scores of a language: its set's labels, the
// care labels, valence, arousal, abuse and the speech acts.
func Outputs(lang string) int {
	return len(labelNames[SpaceOf(lang)]) + CareLabels + extras
}

// Places of the scores after the set's and the care labels.
const (
	atValence = iota
	atArousal
	atAbuse
	atActs
	extras = atActs + 7
)

// Write writes the file: magic, version, length, SHA-256 of the body, body.
func (f *File) Write(w io.Writer) error {
	meta, err := json.Marshal(f.Meta)
	if err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	var body bytes.Buffer
	section(&body, meta)
	section(&body, words(f.Keys))
	section(&body, f.IDF)
	section(&body, f.Rows)
	section(&body, floats(f.Unit))
	section(&body, floats(f.Bias))
	section(&body, floats(f.Mix))
	section(&body, f.Net.encode())
	section(&body, floats(f.FullMix))
	head := make([]byte, 0, 64)
	head = append(head, magic...)
	head = binary.LittleEndian.AppendUint32(head, FormatVersion)
	head = binary.LittleEndian.AppendUint64(head, uint64(body.Len()))
	sum := sha256.Sum256(body.Bytes())
	head = append(head, sum[:]...)
	if _, err := w.Write(append(head, body.Bytes()...)); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	return nil
}

func section(w *bytes.Buffer, b []byte) {
	w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(b))))
	w.Write(b)
}

func words(xs []uint32) []byte {
	out := make([]byte, 0, 4*len(xs))
	for _, x := range xs {
		out = binary.LittleEndian.AppendUint32(out, x)
	}
	return out
}

func floats(xs []float32) []byte {
	out := make([]byte, 0, 4*len(xs))
	for _, x := range xs {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

func readFile(data []byte) (*File, error) {
	const head = len(magic) + 4 + 8 + sha256.Size
	if len(data) < head || string(data[:len(magic)]) != magic {
		return nil, ErrFormat
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != FormatVersion {
		return nil, fmt.Errorf("%w (it has %d, this program reads %d)", ErrVersion, v, FormatVersion)
	}
	body := data[head:]
	if binary.LittleEndian.Uint64(data[12:]) != uint64(len(body)) || sha256.Sum256(body) != [32]byte(data[20:]) {
		return nil, ErrDamaged
	}
	r := &sections{rest: body}
	f := &File{}
	if err := json.Unmarshal(r.next(), &f.Meta); err != nil {
		return nil, fmt.Errorf("%w: its description: %v", ErrFormat, err)
	}
	f.Keys = toWords(r.next())
	f.IDF, f.Rows = r.next(), r.next()
	f.Unit, f.Bias, f.Mix = toFloats(r.next()), toFloats(r.next()), toFloats(r.next())
	net, err := decodeNet(r.next())
	if err != nil {
		return nil, err
	}
	f.Net = net
	f.FullMix = toFloats(r.next())
	if r.short {
		return nil, ErrFormat
	}
	return f, f.check()
}

// check makes sure that no later index can be out of range.
func (f *File) check() error {
	c, outs := f.Meta.Columns, Outputs(f.Meta.Lang)
	wide := c + f.Net.outputs()
	switch {
	case f.Meta.Lang != "ko" && f.Meta.Lang != "en":
		return fmt.Errorf("%w: unknown language %q", ErrFormat, f.Meta.Lang)
	case c <= 0 || c > maxColumns || c%8 != 0,
		len(f.IDF) != len(f.Keys), len(f.Rows) != len(f.Keys)*c,
		len(f.Unit) != c, len(f.Bias) != c,
		len(f.Mix) != outs*(c+1),
		f.Net != nil && len(f.FullMix) != outs*(wide+1):
		return fmt.Errorf("%w: its parts do not fit together", ErrFormat)
	}
	for depth, cut := range f.Meta.Thresholds {
		if len(cut.Set) != len(labelNames[SpaceOf(f.Meta.Lang)]) || len(cut.Care) != CareLabels {
			return fmt.Errorf("%w: its %s thresholds do not fit its labels", ErrFormat, depth)
		}
	}
	for _, depth := range []string{"fast", "full"} {
		if _, ok := f.Meta.Thresholds[depth]; !ok && (depth == "fast" || f.Net != nil) {
			return fmt.Errorf("%w: no %s thresholds", ErrFormat, depth)
		}
	}
	return nil
}

type sections struct {
	rest  []byte
	short bool
}

func (s *sections) next() []byte {
	if len(s.rest) < 4 {
		s.short = true
		return nil
	}
	n := uint64(binary.LittleEndian.Uint32(s.rest))
	if n > uint64(len(s.rest)-4) {
		s.short = true
		return nil
	}
	out := s.rest[4 : 4+n]
	s.rest = s.rest[4+n:]
	return out
}

func toWords(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

func toFloats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// ReadFile reads the bytes of a model file; name is for error messages.
func ReadFile(data []byte, name string) (*File, error) {
	f, err := readFile(data)
	if err != nil {
		return nil, fmt.Errorf("read model: %s: %w", name, err)
	}
	return f, nil
}
