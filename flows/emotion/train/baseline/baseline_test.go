package baseline

import (
	"strings"
	"testing"
)

func TestBaselines(t *testing.T) {
	bs, err := Parse("vader, words")
	if err != nil || len(bs) != 2 {
		t.Fatal(bs, err)
	}
	for _, c := range []struct{ text, want, by string }{
		{"I love this, thank you so much!", Positive, "vader words"},
		{"This is terrible and I am furious.", Negative, "vader words"},
		{"The parcel is on the table.", Neutral, "vader words"},
		{"정말 고맙습니다 최고예요", Positive, "words"},
		{"너무 화나고 짜증나요", Negative, "words"},
	} {
		for _, b := range bs {
			if got, score := b.Read(c.text); strings.Contains(c.by, b.Name) && (got != c.want || score < -1 || score > 1) {
				t.Errorf("%s reads %q as %s (%.2f), want %s", b.Name, c.text, got, score, c.want)
			}
		}
	}
}

func TestParse(t *testing.T) {
	if _, err := Parse("vader,bert"); err == nil || !strings.Contains(err.Error(), "bert") || !strings.Contains(err.Error(), "words") {
		t.Errorf("an unknown baseline: %v", err)
	}
	if bs, err := Parse(""); err != nil || len(bs) != 0 {
		t.Errorf("none: %v %v", bs, err)
	}
}
