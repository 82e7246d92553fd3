package sqlledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// SQLite notices a page that makes no sense, but not a changed letter in what a
// customer wrote. So a file that is closed in good order gets checksums beside
// it, in PATH-sum, and the next opening compares. After a death there are none:
// what was written last is in the log, which has checksums of its own.

// sumPiece is how much of the file one checksum covers.
const sumPiece = 4 << 20

// sumTime bounds how long closing waits for the checksums of a large file; what
// lies beyond has none.
const sumTime = 2 * time.Second

// sums are the checksums of a file, and its mark: a number that the database
// itself holds while it is closed, so that the checksums of one file are never
// taken for those of another that was put in its place.
type sums struct {
	mark   int32
	size   int64
	pieces [][sha256.Size]byte
}

// sumsOf reads the file from its beginning for as long as patience lasts.
func sumsOf(path string, patience time.Duration) (s sums, err error) {
	began := time.Now()
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	s.size = info.Size()
	for read := int64(0); read < s.size && time.Since(began) < patience; read += sumPiece {
		h := sha256.New()
		if _, err := io.CopyN(h, f, sumPiece); err != nil && !errors.Is(err, io.EOF) {
			return s, err
		}
		s.pieces = append(s.pieces, [sha256.Size]byte(h.Sum(nil)))
	}
	return s, nil
}

// bytes are the checksums as they lie beside the file, with one of themselves.
func (s sums) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "onki-sum %d %d %d\n", s.mark, s.size, len(s.pieces))
	for _, p := range s.pieces {
		fmt.Fprintf(&b, "%x\n", p)
	}
	fmt.Fprintf(&b, "%x\n", sha256.Sum256(b.Bytes()))
	return b.Bytes()
}

// readSums is the inverse of bytes; false when it was cut or changed.
func readSums(path string) (s sums, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return s, false
	}
	r := bufio.NewReader(bytes.NewReader(text))
	var n int
	if _, err := fmt.Fscanf(r, "onki-sum %d %d %d\n", &s.mark, &s.size, &n); err != nil || n < 0 || n > len(text) {
		return s, false
	}
	s.pieces = make([][sha256.Size]byte, n)
	for i := range s.pieces {
		var piece []byte
		if _, err := fmt.Fscanf(r, "%x\n", &piece); err != nil || len(piece) != sha256.Size {
			return s, false
		}
		s.pieces[i] = [sha256.Size]byte(piece)
	}
	return s, bytes.Equal(s.bytes(), text)
}

// differs says where the file is no longer as it was closed, or nothing.
func (s sums) differs(now sums) string {
	if s.size != now.size {
		return fmt.Sprintf("it has %d bytes and had %d when it was closed", now.size, s.size)
	}
	for i, p := range s.pieces[:min(len(s.pieces), len(now.pieces))] {
		if p != now.pieces[i] {
			return fmt.Sprintf("bytes %d to %d are not as they were when it was closed", int64(i)*sumPiece, min(s.size, int64(i+1)*sumPiece))
		}
	}
	return ""
}

// compare reads the file before SQLite does and remembers what is wrong. With a
// log beside it the file was not closed in good order: nothing is to be compared.
func (f *file) compare() error {
	was, ok := readSums(f.path + "-sum")
	log, err := os.Stat(f.path + "-wal")
	if !ok || err == nil && log.Size() > 0 {
		return nil
	}
	now, err := sumsOf(f.path, checkTime)
	if err != nil {
		return fmt.Errorf("open ledger: read %s: %w", f.path, err)
	}
	f.mark, f.differs = was.mark, was.differs(now)
	return nil
}

// unmark refuses a file that is not as it was closed. What it finds in good
// order it marks as open, durably, before the checksums go: they are never
// compared with a file that has been written to since.
func (f *file) unmark(ctx context.Context) error {
	var mark int32
	if err := f.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&mark); err != nil {
		return f.explain("open ledger", err)
	}
	if f.differs != "" && mark == f.mark {
		return fmt.Errorf("check ledger %s: %w (%s): %s; if another program changed it on purpose, remove %s-sum", f.path, errDamaged, f.differs, remedy, f.path)
	}
	if mark != 0 {
		if _, err := f.conn.ExecContext(ctx, "PRAGMA user_version = 0"); err != nil {
			return f.explain("open ledger", err)
		}
	}
	if err := os.Remove(f.path + "-sum"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("open ledger: %w: the folder must be writable by this user", err)
	}
	f.sound = true
	return nil
}

// setMark marks the database as closed. It is the last thing written to it.
func (f *file) setMark() {
	if !f.sound {
		return
	}
	f.mark = 1 + rand.Int32N(1<<30)
	if _, err := f.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA user_version = %d", f.mark)); err != nil {
		f.sound = false // no room, perhaps: it is closed without checksums
	}
}

// keepSums writes the checksums of a file that is closed, unless somebody who
// reads it still holds a log. Without them the next opening compares nothing.
func (f *file) keepSums() {
	log, err := os.Stat(f.path + "-wal")
	if !f.sound || err == nil && log.Size() > 0 {
		return
	}
	s, err := sumsOf(f.path, sumTime)
	s.mark = f.mark
	if err == nil {
		err = os.WriteFile(f.path+"-sum", s.bytes(), 0o600)
	}
	if err != nil {
		f.log.Warn("no checksums are kept beside the ledger", "error", err)
	}
}
