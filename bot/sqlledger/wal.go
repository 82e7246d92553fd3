package sqlledger

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// The sizes of what the log consists of, from SQLite's description of its file
// format ("The Write-Ahead Log"): a header, then frames of a header and a page.
const (
	walHeader = 32
	walFrame  = 24
)

// checkLog reads the log that a process left behind when it died. SQLite takes
// the frames up to the first whose checksum is wrong for all there is, which is
// right for a transaction that was cut off, and would silently forget the rest
// where a byte in the middle has changed. A commit reaches the disk before the
// next transaction begins, so a wrong frame that another transaction follows is
// damage. A log that was cut at its end cannot be told from one that was never
// longer.
func (f *file) checkLog() error {
	log, err := os.Open(f.path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	defer log.Close()
	place, err := wrongFrame(bufio.NewReaderSize(log, 1<<16))
	if err != nil {
		return fmt.Errorf("open ledger: read %s-wal: %w", f.path, err)
	}
	if place > 0 {
		return fmt.Errorf("check ledger %s: %w (byte %d of its log, %s-wal, or one shortly after, has changed, and whole transactions follow): restore a backup, or, to go on with what comes before that byte alone, run: sqlite3 %s 'PRAGMA wal_checkpoint(TRUNCATE)'",
			f.path, errDamaged, place, f.path, f.path)
	}
	return nil
}

// wrongFrame returns where the first frame with a wrong checksum begins that a
// later transaction follows, or 0.
func wrongFrame(r io.Reader) (place int64, err error) {
	head := make([]byte, walHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, cut(err)
	}
	big := binary.ByteOrder(binary.LittleEndian)
	if head[3]&1 == 1 {
		big = binary.BigEndian
	}
	sum := walSum{order: big}
	sum.add(head[:24])
	good := sum.is(head[24:])
	size := binary.BigEndian.Uint32(head[8:])
	if !good { // the page size may be what has changed: the frames cannot be told apart
		size = 4096
	} else if size == 1 {
		size = 65536
	}
	if size < 512 || size > 65536 {
		return 0, nil
	}
	frame := make([]byte, walFrame+int(size))
	bad := int64(0)
	commits := 0
	for at := int64(walHeader); ; at += int64(len(frame)) {
		if _, err := io.ReadFull(r, frame); err != nil {
			return 0, cut(err)
		}
		if sameSalt(head[16:24], frame[8:16]) < 5 { // of an older round of the log: the present one ends here
			return 0, nil
		}
		commit := binary.BigEndian.Uint32(frame[4:]) != 0
		if good && bad == 0 {
			sum.add(frame[:8])
			sum.add(frame[walFrame:])
			if sum.is(frame[16:24]) && string(frame[8:16]) == string(head[16:24]) {
				continue
			}
		}
		if bad == 0 {
			bad = at
		}
		if commits > 0 {
			return bad, nil
		}
		if commit {
			commits++
		}
	}
}

// sameSalt counts the bytes in which two salts agree, so that one that has
// changed is still recognized.
func sameSalt(a, b []byte) (n int) {
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// cut makes the end of the log no error.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// A walSum is the checksum that runs through a log.
type walSum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (s *walSum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.s0 += s.order.Uint32(b) + s.s1
		s.s1 += s.order.Uint32(b[4:]) + s.s0
	}
}

func (s *walSum) is(b []byte) bool {
	return s.s0 == binary.BigEndian.Uint32(b) && s.s1 == binary.BigEndian.Uint32(b[4:])
}
