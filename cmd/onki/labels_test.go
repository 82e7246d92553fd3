package main

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestLabelLines(t *testing.T) {
	l, err := newLabelLines([]string{"joy", "anger \"so\"", "화남/분노"})
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range [][]float32{{.25, 1e-9, 1}, {0, .123456789, 3e-30}} {
		var got struct {
			Labels []string           `json:"labels"`
			Scores map[string]float32 `json:"scores"`
		}
		line := l.line([]int{2, 0}, values)
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if !slices.Equal(got.Labels, []string{"화남/분노", "joy"}) || got.Scores["joy"] != values[0] || got.Scores["anger \"so\""] != values[1] || got.Scores["화남/분노"] != values[2] {
			t.Errorf("%s stands for %v", line, values)
		}
	}
	if line := string(l.line(nil, []float32{0, 0, 1})); line != "{\"labels\":[],\"scores\":{\"anger \\\"so\\\"\":0,\"joy\":0,\"화남/분노\":1}}\n" {
		t.Errorf("line %q", line)
	}
}
