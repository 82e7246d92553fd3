package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/onkihq/onki/bot"
)

// A Store keeps uploaded files under names made here, those of a conversation
// together.
type Store interface {
	Put(ctx context.Context, id string, data []byte) error
	Get(ctx context.Context, id string) ([]byte, error) // an error wrapping fs.ErrNotExist when there is none
	// Forget deletes the files whose names begin with the prefix. Forgetting
	// nothing is no error.
	Forget(ctx context.Context, prefix string) error
}

// fileRule is the shape of a file's name: its conversation, a dot and what
// rand.Text makes.
var fileRule = regexp.MustCompile(`^[A-Z2-7]{26}\.[A-Z2-7]{26}$`)

var drawerRule = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// fileID names a new file of a conversation.
func fileID(thread string) string { return drawer(thread) + "." + rand.Text() }

// drawer is where the files of a conversation lie. Like the thread it tells
// nobody who the customer is.
func drawer(thread string) string {
	sum := sha256.Sum256([]byte("onki/files\n" + thread))
	return base32.StdEncoding.EncodeToString(sum[:])[:26]
}

// Dir is a Store in a folder of this machine, with a folder for each
// conversation. Folders are made when the first file comes.
type Dir string

// path is where a file lies, "" for a name that was not made here.
func (d Dir) path(id string) string {
	if !fileRule.MatchString(id) {
		return ""
	}
	in, name, _ := strings.Cut(id, ".")
	return filepath.Join(string(d), in, name)
}

// Put writes a file that only this user of the machine can read.
func (d Dir) Put(_ context.Context, id string, data []byte) error {
	path := d.path(id)
	if path == "" {
		return fmt.Errorf("put file %q: not a name made here", id)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	return nil
}

// Get reads a file.
func (d Dir) Get(_ context.Context, id string) ([]byte, error) {
	path := d.path(id)
	if path == "" {
		return nil, fmt.Errorf("get file %q: %w", id, os.ErrNotExist)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("get file: %w", err)
	}
	return data, nil
}

// Forget deletes the folder of a conversation.
func (d Dir) Forget(_ context.Context, prefix string) error {
	in := strings.TrimSuffix(prefix, ".")
	if !drawerRule.MatchString(in) {
		return fmt.Errorf("forget files %q: not a name made here", prefix)
	}
	if err := os.RemoveAll(filepath.Join(string(d), in)); err != nil {
		return fmt.Errorf("forget files: %w", err)
	}
	return nil
}

// Attached is what the names of all files begin with that were attached in the
// conversation, also of those that were uploaded and never sent.
func Attached(a bot.Address) string { return drawer(a.Thread) + "." }
