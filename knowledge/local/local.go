package local

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/onkihq/onki/knowledge"
)

// An Index is a knowledge.Memory with a file. Make one with [Open].
type Index struct {
	*knowledge.Memory
	mu   sync.Mutex // one writer of the file
	path string
}

// The first bytes of a file; the last one is the version of the format.
const magic = "onkiknow\x01"

// ErrDamaged is returned for a file that does not hold what its checksum says.
var ErrDamaged = errors.New("knowledge file is damaged")

// Open reads the index from a file, or starts an empty one where there is no
// file. A damaged file, or one of another version, is renamed to end in
// .damaged and told to notice, which may be nil.
func Open(path string, notice func(string)) (*Index, error) {
	x := &Index{Memory: &knowledge.Memory{}, path: path}
	parts, err := read(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return x, nil
	case errors.Is(err, ErrDamaged):
		aside := path + ".damaged"
		if err := os.Rename(path, aside); err != nil {
			return nil, fmt.Errorf("set aside damaged knowledge file: %w", err)
		}
		if notice != nil {
			notice(fmt.Sprintf("%s: %v; it was renamed to %s and is made anew by the next import", path, err, aside))
		}
		return x, nil
	case err != nil:
		return nil, fmt.Errorf("open knowledge file %s: %w", path, err)
	}
	x.Restore(parts)
	return x, nil
}

// Load reads the index from a file for those who only ask: nothing is set aside
// and nothing is written, and no file is an empty index. What a change puts into
// it stays in memory.
func Load(path string) (*knowledge.Memory, error) {
	m := &knowledge.Memory{}
	parts, err := read(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open knowledge file %s: %w", path, err)
	}
	m.Restore(parts)
	return m, nil
}

// Change implements [knowledge.Index]. When the file cannot be written, the
// change holds in memory and the error says so; trying again writes it.
func (x *Index) Change(ctx context.Context, put []knowledge.Entry, remove []string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.Memory.Change(ctx, put, remove); err != nil {
		return err
	}
	if err := x.save(); err != nil {
		return fmt.Errorf("save knowledge file %s: %w", x.path, err)
	}
	return nil
}

// save writes the file as the package comment says.
func (x *Index) save() (err error) {
	f, err := os.CreateTemp(filepath.Dir(x.path), filepath.Base(x.path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	out := bufio.NewWriterSize(f, 1<<20)
	if err := write(io.MultiWriter(out, sum), x.Parts()); err != nil {
		return err
	}
	if _, err := out.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32())); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), x.path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(x.path))
}

// syncFolder makes the new name durable, where the system can.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}

// read loads a file and checks its sum before anything in it is believed.
func read(path string) ([]knowledge.Part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size() - 4
	if size < int64(len(magic)) {
		return nil, fmt.Errorf("%w: it is too short", ErrDamaged)
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	in := io.TeeReader(bufio.NewReaderSize(io.LimitReader(f, size), 1<<20), sum)
	parts, err := decode(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	if rest, err := io.Copy(io.Discard, in); err != nil || rest > 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrDamaged, rest)
	}
	var want [4]byte
	if _, err := f.ReadAt(want[:], size); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(want[:]) != sum.Sum32() {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
	}
	return parts, nil
}
