// Package pdfium reads the text of PDF files with PDFium, compiled to WebAssembly:
// no C compiler, no program to install, and a sandbox around files that
// strangers wrote (it sees no disk and no network). Korean fonts come out
// right, which smaller readers in Go do not manage.
//
// It adds about 12 MB to a program and takes seconds to start, so the program
// onki has it only when built with the tag pdf, and a [Reader] starts it with the
// first PDF file it is given:
//
//	var reader pdfium.Reader
//	defer reader.Close()
//	knowledge.Options{Read: importer.Options{PDF: reader.Pages}}
package pdfium

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
)

// maxPages is how many pages of one file are read.
const maxPages = 5000

// patience is how long to wait for the start of PDFium.
const patience = time.Minute

// A Reader reads PDF files, one at a time. Its zero value is ready.
type Reader struct {
	mu     sync.Mutex
	pool   pdfium.Pool
	worker pdfium.Pdfium
}

// Pages returns the text of each page. It fits importer.Options.PDF.
func (r *Reader) Pages(ctx context.Context, data []byte) (pages []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.start(); err != nil {
		return nil, fmt.Errorf("start PDF reader: %w", err)
	}
	document, err := r.worker.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, fmt.Errorf("open PDF: %w", err)
	}
	defer func() {
		_, closing := r.worker.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: document.Document})
		err = errors.Join(err, closing)
	}()
	count, err := r.worker.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: document.Document})
	if err != nil {
		return nil, fmt.Errorf("count pages: %w", err)
	}
	if count.PageCount > maxPages {
		return nil, fmt.Errorf("it has %d pages, more than %d", count.PageCount, maxPages)
	}
	for i := range count.PageCount {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		text, err := r.page(document.Document, i)
		if err != nil {
			return nil, fmt.Errorf("read page %d: %w", i+1, err)
		}
		pages = append(pages, text)
	}
	return pages, nil
}

func (r *Reader) page(document references.FPDF_DOCUMENT, i int) (string, error) {
	text, err := r.worker.GetPageText(&requests.GetPageText{
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: document, Index: i}},
	})
	if err != nil {
		return "", err
	}
	return text.Text, nil
}

// start starts PDFium once. It is given no file system.
func (r *Reader) start() error {
	if r.worker != nil {
		return nil
	}
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return err
	}
	worker, err := pool.GetInstance(patience)
	if err != nil {
		return errors.Join(err, pool.Close())
	}
	r.pool, r.worker = pool, worker
	return nil
}

// Close stops PDFium. The Reader may be used again and starts it anew.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.worker == nil {
		return nil
	}
	err := errors.Join(r.worker.Close(), r.pool.Close())
	r.pool, r.worker = nil, nil
	return err
}
