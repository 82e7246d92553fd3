package model

import "encoding/binary"

// maxColumns bounds the first-level scores of a language.
const maxColumns = 128

// table finds the row of an n-gram by its hash: open addressing, half full.
type table struct {
	slots []slot
	mask  uint32
}

type slot struct{ key, row uint32 } // row counts from 1; 0 means empty

func newTable(keys []uint32) *table {
	size := uint32(16)
	for size < 2*uint32(len(keys)) {
		size *= 2
	}
	t := &table{slots: make([]slot, size), mask: size - 1}
	for i, k := range keys {
		at := k & t.mask
		for t.slots[at].row != 0 {
			at = (at + 1) & t.mask
		}
		t.slots[at] = slot{k, uint32(i) + 1}
	}
	return t
}

// find returns the row counted from 1, or 0.
func (t *table) find(key uint32) uint32 {
	for at := key & t.mask; ; at = (at + 1) & t.mask {
		s := t.slots[at]
		if s.row == 0 || s.key == key {
			return s.row
		}
	}
}

// bins adds up rows of weights eight at a time: each 64-bit word holds four
// 16-bit sums, so a word of eight weights is two additions.
type bins struct {
	even, odd [maxColumns / 8]uint64
	sum       [maxColumns]int32
	rows      int // since the last flush
	total     int
}

func (b *bins) reset() { *b = bins{} }

func (b *bins) add(row []byte) {
	for i := 0; len(row) >= 8; i++ {
		w := binary.LittleEndian.Uint64(row)
		b.even[i&(maxColumns/8-1)] += w & 0x00ff00ff00ff00ff
		b.odd[i&(maxColumns/8-1)] += w >> 8 & 0x00ff00ff00ff00ff
		row = row[8:]
	}
	if b.rows++; b.rows == 256 { // 256·255 is the most that 16 bits hold
		b.flush()
	}
}

func (b *bins) flush() {
	for i := range b.even {
		for j := range 4 {
			b.sum[8*i+2*j] += int32(b.even[i] >> (16 * j) & 0xffff)
			b.sum[8*i+2*j+1] += int32(b.odd[i] >> (16 * j) & 0xffff)
		}
	}
	b.even, b.odd = [maxColumns / 8]uint64{}, [maxColumns / 8]uint64{}
	b.total += b.rows
	b.rows = 0
}
