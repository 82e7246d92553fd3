package main

import "testing"

// A file is kept only when the brand's scanner has read all of it and agrees.
func TestScanner(t *testing.T) {
	if scanner(nil) != nil {
		t.Error("without a command there is something that scans")
	}
	for _, c := range []struct {
		name    string
		command []string
		data    string
		kept    bool
	}{
		{"clean", []string{"sh", "-c", `! grep -q EICAR`}, "a photo", true},
		{"found", []string{"sh", "-c", `! grep -q EICAR`}, "an EICAR file", false},
		{"no such program", []string{"/nowhere/scan"}, "a photo", false},
		{"it reads nothing and agrees", []string{"true"}, string(make([]byte, 1<<20)), true},
	} {
		if err := scanner(c.command)(t.Context(), []byte(c.data)); (err == nil) != c.kept {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
