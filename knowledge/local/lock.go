package local

import (
	"fmt"
	"os"
)

// Lock waits until no other process changes the index at this path, and keeps
// others waiting until unlock is called. Those who only ask need no lock: a
// change replaces the whole file by another.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock knowledge file: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock knowledge file %s: %w", path, err)
	}
	return f.Close, nil
}
