// Package pdftotext reads the text of PDF files with the program pdftotext of
// poppler-utils, where it is installed: another process, ended when it takes
// too long, so that a hostile file costs one page of an import and not the
// server.
package pdftotext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/onkihq/onki/knowledge/importer"
)

const (
	program = "pdftotext"
	maxText = 64 << 20 // bytes of text that are taken from one file
	limit   = time.Minute
)

// A Reader reads PDF files. Its zero value is ready.
type Reader struct{}

// Pages returns the text of each page. It fits importer.Options.PDF. Without
// the program the error is importer.ErrNoPDF.
func (Reader) Pages(ctx context.Context, data []byte) ([]string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, importer.ErrNoPDF
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	cmd := exec.CommandContext(ctx, path, "-q", "-enc", "UTF-8", "-", "-")
	cmd.Env = []string{} // it needs nothing of ours
	cmd.WaitDelay = time.Second
	out, fault := bounded{stop: stop}, bounded{stop: stop}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(data), &out, &fault
	err = cmd.Run()
	switch {
	case out.full || fault.full:
		return nil, fmt.Errorf("it holds more than %d MB of text", maxText>>20)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s was stopped: %w", program, ctx.Err())
	case err != nil:
		if why, _, _ := strings.Cut(strings.TrimSpace(fault.String()), "\n"); why != "" {
			return nil, errors.New(why)
		}
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\f"), "\f"), nil
}

// Close does nothing: nothing runs between two files.
func (Reader) Close() error { return nil }

// bounded is a buffer that takes no more than maxText, and then stops who writes.
type bounded struct {
	text bytes.Buffer // a field, or io.Copy would find its ReadFrom and pass Write by
	full bool
	stop func()
}

func (b *bounded) String() string { return b.text.String() }

func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxText {
		b.full = true
		b.stop()
		return 0, errors.New("too much text")
	}
	return b.text.Write(p)
}
