//go:build !pdf

package main

import "github.com/onkihq/onki/knowledge/pdftotext"

// newPDF returns what reads PDF files in this build: the program pdftotext. With
// the tag pdf it is PDFium, which makes the binary half as large again.
func newPDF() pdftotext.Reader { return pdftotext.Reader{} }
