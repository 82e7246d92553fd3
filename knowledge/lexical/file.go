package lexical

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxItems bounds what a damaged length can make us allocate.
const maxItems = 1 << 31

// ErrDamaged is returned for a segment that contradicts itself.
var ErrDamaged = errors.New("segment is damaged")

// Write writes the segment, little-endian, each array after its length.
func (s *Segment) Write(w io.Writer) error {
	if err := writeInts(w, []uint64{uint64(s.docs)}); err != nil {
		return err
	}
	if err := errors.Join(writeInts(w, s.terms), writeInts(w, s.starts), writeInts(w, s.postings)); err != nil {
		return err
	}
	if err := writeInts(w, []uint64{uint64(len(s.names))}); err != nil {
		return err
	}
	if _, err := w.Write(s.names); err != nil {
		return err
	}
	return errors.Join(writeInts(w, s.ends), writeInts(w, s.marks))
}

// Read reads a segment that Write wrote and checks that it can be searched
// without going out of its arrays.
func Read(r io.Reader) (*Segment, error) {
	s := &Segment{}
	head, err := readInts[uint64](r)
	if err != nil || len(head) != 1 || head[0] > MaxDocs {
		return nil, errors.Join(ErrDamaged, err)
	}
	s.docs = int(head[0])
	if s.terms, err = readInts[uint64](r); err != nil {
		return nil, err
	}
	if s.starts, err = readInts[uint32](r); err != nil {
		return nil, err
	}
	if s.postings, err = readInts[uint32](r); err != nil {
		return nil, err
	}
	size, err := readInts[uint64](r)
	if err != nil || len(size) != 1 || size[0] > maxItems {
		return nil, errors.Join(ErrDamaged, err)
	}
	s.names = make([]byte, size[0])
	if _, err := io.ReadFull(r, s.names); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	if s.ends, err = readInts[uint32](r); err != nil {
		return nil, err
	}
	if s.marks, err = readInts[uint64](r); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check makes sure of everything that searching takes for granted.
func (s *Segment) check() error {
	if len(s.starts) != len(s.terms)+1 || int(s.starts[len(s.terms)]) != len(s.postings) || len(s.ends) != len(s.marks) {
		return ErrDamaged
	}
	if !rising(s.starts, 0) || !rising(s.ends, 0) {
		return ErrDamaged
	}
	if n := len(s.ends); n > 0 && int(s.ends[n-1]) != len(s.names) {
		return ErrDamaged
	}
	for _, p := range s.postings {
		if int(p>>8) >= s.docs {
			return ErrDamaged
		}
	}
	return nil
}

func rising(list []uint32, last uint32) bool {
	for _, x := range list {
		if x < last {
			return false
		}
		last = x
	}
	return true
}

// chunk is how many bytes are encoded or decoded at once.
const chunk = 64 << 10

func writeInts[T uint32 | uint64](w io.Writer, list []T) error {
	size := binary.Size(T(0))
	buf := make([]byte, 0, chunk)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(len(list)))
	for _, x := range list {
		if len(buf)+size > chunk {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
		if size == 4 {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(x))
		} else {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(x))
		}
	}
	_, err := w.Write(buf)
	return err
}

func readInts[T uint32 | uint64](r io.Reader) ([]T, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("read length: %w", err)
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxItems {
		return nil, ErrDamaged
	}
	size := binary.Size(T(0))
	out := make([]T, 0, min(int(n), 1<<20))
	buf := make([]byte, chunk)
	for left := int(n); left > 0; {
		part := buf[:min(chunk, left*size)]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, fmt.Errorf("read numbers: %w", err)
		}
		left -= len(part) / size
		for i := 0; i < len(part); i += size {
			if size == 4 {
				out = append(out, T(binary.LittleEndian.Uint32(part[i:])))
			} else {
				out = append(out, T(binary.LittleEndian.Uint64(part[i:])))
			}
		}
	}
	return out, nil
}
