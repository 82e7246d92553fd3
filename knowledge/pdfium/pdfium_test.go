package pdfium

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/importer"
)

// document writes a PDF with one page for each text. Letters are UTF-16 codes
// in a composite font with a map to Unicode, as word processors write Korean.
func document(texts ...string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(at))
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\nendobj\n")
	}
	stream := func(s string) { object("<< /Length %d >>\nstream\n%s\nendstream", len(s), s) }
	b.WriteString("%PDF-1.7\n")
	var kids strings.Builder
	for i := range texts {
		fmt.Fprintf(&kids, "%d 0 R ", 6+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(texts))
	object("<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>")
	object("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Test /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>")
	stream("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n" +
		"1 begincodespacerange <0000> <FFFF> endcodespacerange\n1 beginbfrange <0000> <FFFF> <0000> endbfrange\nendcmap end end")
	for i, text := range texts {
		var hex strings.Builder
		for _, u := range utf16.Encode([]rune(text)) {
			fmt.Fprintf(&hex, "%04X", u)
		}
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>", 7+2*i)
		stream("BT /F 12 Tf 50 700 Td <" + hex.String() + "> Tj ET")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, x := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", x)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

func TestReader(t *testing.T) {
	var r Reader
	defer r.Close()
	pages, err := r.Pages(t.Context(), document("환불은 사흘 안에 됩니다.", "Refunds take three days."))
	if err != nil || len(pages) != 2 || !strings.Contains(pages[0], "환불은 사흘 안에 됩니다.") || !strings.Contains(pages[1], "three days") {
		t.Errorf("pages: %v, %q", err, pages)
	}
	good := document("글")
	for name, data := range map[string][]byte{"empty": {}, "no PDF": []byte("hello"), "cut": good[:len(good)/3], "head": []byte("%PDF-1.7\n")} {
		if _, err := r.Pages(t.Context(), data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Pages(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is over: %v", err)
	}
	fsys := fstest.MapFS{"ko/환불 안내.pdf": {Data: document("환불은 사흘 안에 됩니다.")}, "ko/bad.pdf": {Data: []byte("%PDF")}}
	base, report, err := knowledge.Import(t.Context(), fsys, knowledge.Options{Read: importer.Options{PDF: r.Pages}})
	if err != nil || len(report.Faults) != 1 || report.Faults[0].Source != "ko/bad.pdf" {
		t.Fatalf("import: %v, %s", err, report.String())
	}
	found, err := base.Search(t.Context(), "환불 언제 되나요", 1)
	if err != nil || len(found) != 1 || found[0].Source != "ko/환불 안내.pdf:1" {
		t.Errorf("search: %v, %+v", err, found)
	}
}
