package main

import (
	"testing"
	"time"
)

// TestDecent: nobody is written to unasked at night, by their own clock where it
// is known and by the brand's where it is not.
func TestDecent(t *testing.T) {
	b, err := openBrand(t.Context(), "shop") // in Seoul
	if err != nil {
		t.Fatal(err)
	}
	noon, night := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC), time.Date(2026, 3, 4, 18, 0, 0, 0, time.UTC) // in Seoul
	for _, c := range []struct {
		at   time.Time
		zone string
		want bool
	}{
		{noon, "", true}, {night, "", false},
		{noon, "America/New_York", false}, {night, "America/New_York", true},
		{noon, "Nowhere/At_All", true}, {night, "../../etc/passwd", false},
		{time.Date(2026, 3, 3, 23, 0, 0, 0, time.UTC), "", true},   // eight in the morning
		{time.Date(2026, 3, 3, 22, 59, 0, 0, time.UTC), "", false}, // a minute earlier
		{time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), "", false},  // nine at night
		{time.Date(2026, 3, 4, 11, 59, 59, 0, time.UTC), "", true}, // a second earlier
	} {
		if got := b.decent(c.at, c.zone); got != c.want {
			t.Errorf("%v in %q: %v, want %v", c.at, c.zone, got, c.want)
		}
	}
}
