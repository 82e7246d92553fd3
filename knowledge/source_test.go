package knowledge

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/fstest"
)

// folder is a source named manuals.
func folder(files map[string]string) Source {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["manuals/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Source{Name: "manuals", FS: fsys}
}

func ingest(t *testing.T, b *Base, s Source) Report {
	t.Helper()
	r, err := b.Ingest(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// answers returns the IDs that answer a question.
func answers(t *testing.T, b *Base, question string) string {
	t.Helper()
	found, err := b.Search(t.Context(), question, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return ""
	}
	return found[0].ID
}

func TestIngest(t *testing.T) {
	b, _, err := Import(t.Context(), fstest.MapFS{"ko/환불.md": {Data: []byte("# 환불 기간\n\n환불은 사흘 안에 됩니다.")}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"ko/배송.md": "# 배송비\n\n배송비는 3,000원입니다.\n\n# 포장\n\n선물 포장은 무료입니다.",
		"faq.csv":  "question,answer\nDo you ship to Mars?,\"Not yet, sorry.\"\n",
	}
	if r := ingest(t, b, folder(files)); r.Added != 3 || r.Same != 0 || r.Files != 2 {
		t.Errorf("first: %+v", r)
	}
	if got := answers(t, b, "배송비 얼마예요"); got != "manuals//ko/배송.md#배송비" {
		t.Errorf("ingested passage: %q", got)
	}
	if got := answers(t, b, "환불은 언제 되나요"); got != "ko/환불.md#환불-기간" {
		t.Errorf("own passage: %q", got)
	}
	if r := ingest(t, b, folder(files)); r.Unchanged != 3 || r.Same != 2 || changed(&r) {
		t.Errorf("the same again: %+v", r)
	}
	files["ko/배송.md"] = "# 배송비\n\n배송비는 4,000원입니다.\n\n# 설치\n\n가구는 설치해 드립니다."
	if r := ingest(t, b, folder(files)); r.Changed != 1 || r.Added != 1 || r.Removed != 1 || r.Unchanged != 1 || r.Same != 1 {
		t.Errorf("one file changed: %+v", r)
	}
	if r, err := b.Import(t.Context(), fstest.MapFS{}); err != nil || r.Removed != 1 {
		t.Errorf("emptying the brand's own folder: %v, %+v", err, r)
	}
	if got := answers(t, b, "가구 설치해 주나요"); got != "manuals//ko/배송.md#설치" {
		t.Errorf("an ingested passage after the brand's own folder changed: %q", got)
	}
	list, err := b.Sources(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "manuals" || list[0].Passages != 3 || !list[0].Whole {
		t.Errorf("sources: %v, %+v", err, list)
	}
	if n, err := b.Forget(t.Context(), "manuals"); err != nil || n != 3 || answers(t, b, "배송비 얼마예요") != "" {
		t.Errorf("forget: %v, %d passages", err, n)
	}
	if list, _ := b.Sources(t.Context()); len(list) != 0 {
		t.Errorf("sources after forgetting: %+v", list)
	}
}

func TestIngestKeepsWhatItCannotRead(t *testing.T) {
	b, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, b, folder(map[string]string{"a.csv": "question,answer\nDo you ship to Mars?,Not yet.\n"}))
	r := ingest(t, b, folder(map[string]string{"a.csv": "question;answer\nbroken"}))
	if len(r.Faults) != 1 || r.Faults[0].Source != "manuals/a.csv:1" || r.Removed != 0 {
		t.Errorf("a broken file: %+v", r)
	}
	if got := answers(t, b, "do you ship to mars"); got == "" {
		t.Error("the passage of a file that broke is gone")
	}
	if _, err := b.Ingest(t.Context(), Source{Name: "gone", FS: fstest.MapFS{}}); err == nil {
		t.Error("a source that is not there: no error")
	}
	for _, name := range []string{"", ".", "a/b"} {
		if _, err := b.Ingest(t.Context(), Source{Name: name, FS: fstest.MapFS{}}); err == nil {
			t.Errorf("a source named %q: no error", name)
		}
	}
}

func TestIngestOneFileAndAPage(t *testing.T) {
	b, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"help.html": {Data: []byte("<title>Help</title><h1>Parking</h1><p>Parking is free for two hours.</p>")}, "other.md": {Data: []byte("# No\n\nNo.")}}
	ingest(t, b, Source{Name: "help.html", FS: fsys, URL: "https://shop.example/help"})
	found, err := b.Search(t.Context(), "is parking free?", 1)
	if err != nil || len(found) != 1 || found[0].ID != "help.html//#parking" || found[0].URL != "https://shop.example/help" || found[0].Source != found[0].URL {
		t.Errorf("a page: %v, %+v", err, found)
	}
	if r := ingest(t, b, Source{Name: "help.html", FS: fsys, URL: "https://shop.example/help"}); r.Same != 1 || r.Unchanged != 1 {
		t.Errorf("the page again: %+v", r)
	}
}

// bits is an index whose changes are no whole, and that fails when told to.
type bits struct {
	index *Memory
	fails int // the number of the change that fails, from 1
}

func (b *bits) Change(ctx context.Context, put []Entry, remove []string) error {
	if b.fails--; b.fails == 0 {
		return errors.New("cut short")
	}
	return b.index.Change(ctx, put, remove)
}

func (b *bits) Search(ctx context.Context, p Probe) ([]Hit, error) { return b.index.Search(ctx, p) }

func (b *bits) All(ctx context.Context) iter.Seq2[Entry, error] { return b.index.All(ctx) }

// TestIngestCutShort fails each change of an import in turn: what was there is
// still found, the half is known to be one, and the next import is whole.
func TestIngestCutShort(t *testing.T) {
	for fails := 1; fails <= 3; fails++ {
		x := &bits{index: &Memory{}}
		b, err := Open(t.Context(), Options{Index: x})
		if err != nil {
			t.Fatal(err)
		}
		ingest(t, b, folder(map[string]string{"a.md": "# 배송비\n\n배송비는 3,000원입니다."}))
		x.fails = fails
		next := folder(map[string]string{"a.md": "# 배송비\n\n배송비는 3,000원입니다.\n\n# 설치\n\n가구는 설치해 드립니다."})
		if _, err := b.Ingest(t.Context(), next); err == nil || !strings.Contains(err.Error(), "ingest manuals: cut short") {
			t.Errorf("change %d fails: %v", fails, err)
		}
		if got := answers(t, b, "배송비 얼마예요"); got == "" {
			t.Errorf("change %d fails: what was there is not found", fails)
		}
		list, err := b.Sources(t.Context())
		if err != nil || len(list) != 1 || list[0].Whole != (fails == 1) {
			t.Errorf("change %d fails: sources %+v", fails, list)
		}
		ingest(t, b, next)
		if list, _ := b.Sources(t.Context()); !list[0].Whole || list[0].Passages != 2 || answers(t, b, "가구 설치해 주나요") == "" {
			t.Errorf("after change %d failed and the next import: %+v", fails, list)
		}
	}
}
