package local

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/lexical"
)

// The file is: magic, the number of parts, and for each part the number of
// entries, the length of their block, the block, and the segment. In a block
// every string is a length (varint) and its bytes.

// maxBlock bounds what a damaged length can make us allocate.
const maxBlock = 1 << 33

var errFormat = errors.New("lengths do not fit")

func write(w io.Writer, parts []knowledge.Part) error {
	head := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(parts)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, p := range parts {
		var block []byte
		for i := range p.Entries {
			block = appendEntry(block, &p.Entries[i])
		}
		head := binary.LittleEndian.AppendUint64(nil, uint64(len(p.Entries)))
		head = binary.LittleEndian.AppendUint64(head, uint64(len(block)))
		if _, err := w.Write(head); err != nil {
			return err
		}
		if _, err := w.Write(block); err != nil {
			return err
		}
		if err := p.Segment.Write(w); err != nil {
			return err
		}
	}
	return nil
}

func appendEntry(b []byte, e *knowledge.Entry) []byte {
	p := &e.Passage
	text := p.Text
	if text == p.Answer {
		text = "" // an answer is its own text; told once
	}
	for _, s := range []string{p.ID, p.Title, p.Question, p.Answer, text, p.Source, p.URL, p.Lang, p.Audience, e.Hash} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = appendTime(appendTime(b, p.From), p.Until)
	b = binary.AppendUvarint(b, uint64(len(e.Vector)))
	for _, v := range e.Vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, 0)
	}
	return binary.AppendVarint(b, t.Unix())
}

func decode(r io.Reader) ([]knowledge.Part, error) {
	head := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if string(head[:len(magic)]) != magic {
		return nil, errors.New("it is no knowledge file of this version")
	}
	n := binary.LittleEndian.Uint32(head[len(magic):])
	if n > 1<<10 {
		return nil, errFormat
	}
	parts := make([]knowledge.Part, n)
	for i := range parts {
		if err := decodePart(r, &parts[i]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func decodePart(r io.Reader, p *knowledge.Part) error {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	count, size := binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint64(head[8:])
	if count > lexical.MaxDocs || size > maxBlock || count > size {
		return errFormat
	}
	raw, err := io.ReadAll(io.LimitReader(r, int64(size))) // grows with what is there, not with what is claimed
	if err != nil || uint64(len(raw)) != size {
		return errors.Join(errFormat, err)
	}
	c := cursor{text: string(raw)}
	p.Entries = make([]knowledge.Entry, count)
	for i := range p.Entries {
		c.entry(&p.Entries[i])
	}
	if c.bad || len(c.text) > 0 {
		return errFormat
	}
	if p.Segment, err = lexical.Read(r); err != nil {
		return err
	}
	if p.Segment.Docs() != int(count) {
		return errFormat
	}
	return nil
}

// A cursor cuts strings out of one big one, so that 100,000 passages are one
// allocation.
type cursor struct {
	text string
	bad  bool
}

func (c *cursor) number() uint64 {
	n, size := uint64(0), 0
	for shift := 0; ; shift += 7 {
		if size >= len(c.text) || shift > 63 {
			c.bad = true
			return 0
		}
		b := c.text[size]
		size++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	c.text = c.text[size:]
	return n
}

func (c *cursor) string() string {
	n := c.number()
	if n > uint64(len(c.text)) {
		c.bad = true
		return ""
	}
	s := c.text[:n]
	c.text = c.text[n:]
	return s
}

func (c *cursor) time() time.Time {
	u := c.number()
	x := int64(u >> 1)
	if u&1 != 0 {
		x = ^x
	}
	if x == 0 {
		return time.Time{}
	}
	return time.Unix(x, 0).UTC()
}

func (c *cursor) entry(e *knowledge.Entry) {
	if c.bad {
		return
	}
	e.Passage = bot.Passage{
		ID: c.string(), Title: c.string(), Question: c.string(), Answer: c.string(), Text: c.string(),
		Source: c.string(), URL: c.string(), Lang: c.string(), Audience: c.string(),
	}
	if e.Passage.Text == "" {
		e.Passage.Text = e.Passage.Answer
	}
	e.Hash = c.string()
	e.Passage.From, e.Passage.Until = c.time(), c.time()
	n := c.number()
	if n*4 > uint64(len(c.text)) {
		c.bad = true
		return
	}
	if n > 0 {
		e.Vector = make([]float32, n)
		for i := range e.Vector {
			e.Vector[i] = math.Float32frombits(binary.LittleEndian.Uint32([]byte(c.text[4*i : 4*i+4])))
		}
		c.text = c.text[4*n:]
	}
}
