//go:build pdf

package main

import "github.com/onkihq/onki/knowledge/pdfium"

// newPDF returns what reads PDF files in this build: PDFium, in the binary.
func newPDF() *pdfium.Reader { return &pdfium.Reader{} }
