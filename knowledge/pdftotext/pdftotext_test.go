package pdftotext

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onkihq/onki/knowledge/importer"
)

// install puts a shell script in the place of the program.
func install(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\nPATH=/bin:/usr/bin\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestPages(t *testing.T) {
	var r Reader
	install(t, "") // nothing
	if _, err := r.Pages(t.Context(), []byte("%PDF")); !errors.Is(err, importer.ErrNoPDF) {
		t.Errorf("no program: %v", err)
	}
	install(t, `printf 'first: '; cat; printf '\fsecond\f'`)
	pages, err := r.Pages(t.Context(), []byte("환불"))
	if err != nil || len(pages) != 2 || pages[0] != "first: 환불" || pages[1] != "second" {
		t.Errorf("two pages: %v, %q", err, pages)
	}
	install(t, "echo 'Syntax Error: no trailer' >&2; exit 1")
	if _, err := r.Pages(t.Context(), []byte("x")); err == nil || err.Error() != "Syntax Error: no trailer" {
		t.Errorf("a broken file: %v", err)
	}
	install(t, "cat /dev/zero")
	if _, err := r.Pages(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("endless text: %v", err)
	}
	install(t, "sleep 30")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Pages(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is over: %v", err)
	}
}

// TestProgram reads a page with the real program, where it is installed.
func TestProgram(t *testing.T) {
	file := "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>endobj\n" +
		"4 0 obj<</Length 56>>stream\nBT /F 12 Tf 50 700 Td (Refunds take three days.) Tj ET   \nendstream endobj\n" +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R/Size 6>>\n"
	pages, err := Reader{}.Pages(t.Context(), []byte(file))
	if errors.Is(err, importer.ErrNoPDF) {
		t.Skip("pdftotext is not installed")
	}
	if err != nil || len(pages) != 1 || !strings.Contains(pages[0], "Refunds take three days.") {
		t.Errorf("a page: %v, %q", err, pages)
	}
	if _, err := (Reader{}).Pages(t.Context(), []byte("no PDF")); err == nil {
		t.Error("no PDF: no error")
	}
}
