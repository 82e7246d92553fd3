package linear

import (
	"math"
	"strings"
	"testing"
)

func packed(t *testing.T) []byte {
	t.Helper()
	head := Head{Kind: "test", Labels: []string{"a", "b"}, Inputs: []string{"rule"}, Cuts: map[string]float64{"a": .5}, Bias: []float32{-1, 2}}
	data, err := Pack(head, []uint32{3, 70, 4000000000}, []float32{1, 2, 2}, []float32{1, -1, 0, 2, .5, .5, 3, 0})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSum(t *testing.T) {
	w, err := Unpack("test", "file", packed(t))
	if err != nil {
		t.Fatal(err)
	}
	var s Seen
	out := make([]float64, 2)
	w.Look([]uint32{70, 9, 4000000000, 70}, &s)
	w.Sum(&s, []float64{1}, out)
	// Both known n-grams have weight 2/√8 each.
	part := 2 / math.Sqrt(8)
	if want := -1 + part*.5 + 3; math.Abs(out[0]-want) > .02 {
		t.Errorf("a: %.3f, want %.3f", out[0], want)
	}
	if want := 2 + part*2.5; math.Abs(out[1]-want) > .02 {
		t.Errorf("b: %.3f, want %.3f", out[1], want)
	}
	if got := w.Share(70, &s, 1); math.Abs(got-2*part) > .02 {
		t.Errorf("share %.3f, want %.3f", got, 2*part)
	}
	if w.Share(9, &s, 1) != 0 {
		t.Error("an unknown n-gram has a share")
	}
	w.Look(nil, &s)
	w.Sum(&s, nil, out)
	if math.Abs(out[0]+1) > 1e-6 || math.Abs(out[1]-2) > 1e-6 {
		t.Errorf("a text of which nothing is known: %v, want the bias", out)
	}
}

func TestUnpackRefuses(t *testing.T) {
	good := packed(t)
	flipped := append([]byte(nil), good...)
	flipped[len(flipped)/2] ^= 1
	for what, c := range map[string]struct {
		kind string
		data []byte
		want string
	}{
		"another kind": {"events", good, "events"},
		"damage":       {"test", flipped, "damaged"},
		"cut off":      {"test", good[:20], "make model"},
		"nothing":      {"test", nil, "make model"},
	} {
		if _, err := Unpack(c.kind, "the/file", c.data); err == nil || !strings.Contains(err.Error(), "the/file") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want the file and %q", what, err, c.want)
		}
	}
	if _, err := Pack(Head{Kind: "x", Labels: []string{"a"}}, []uint32{1}, nil, []float32{1}); err == nil {
		t.Error("parts that do not fit together were packed")
	}
}
