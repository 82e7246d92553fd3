package personas

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestExampleBrands(t *testing.T) {
	for _, name := range []string{"shop", "airline", "empty"} {
		if _, err := LoadBrand(os.DirFS("../brands/" + name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBrandFaults(t *testing.T) {
	const head = "name: {ko: 가게, en: Shop}\nlanguages: [ko, en]\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", head + "acent: red\n", `brand.yaml:3: unknown field "acent"; did you mean "accent"?`},
		{"broken YAML", "name: {ko: 가게\n", "brand.yaml:1:"},
		{"missing language", "name: {ko: 가게}\nlanguages: [ko, en]\n", "brand.yaml:1: name has no en"},
		{"language", head[:strings.Index(head, "\n")+1] + "languages: [ko, fr]\n", `brand.yaml:2: language "fr"`},
		{"time zone", head + "timezone: Seoul\n", `brand.yaml:3: time zone "Seoul"`},
		{"hours", head + "hours:\n  weekdays: 9-18\n", `brand.yaml:4: hours "9-18"`},
		{"hours the wrong way", head + "hours: {weekdays: \"18:00-09:00\"}\n", "the end must be after the beginning"},
		{"pale accent", head + "accent: \"#ffee88\"\n", "brand.yaml:3: accent #ffee88 has contrast"},
		{"accent", head + "accent: green\n", `brand.yaml:3: accent "green"`},
		{"reply time", head + "reply_within: soon\n", `brand.yaml:3: reply_within "soon"`},
		{"above the limit", head + "compensation:\n  - {when: delivery_late, up_to: 3000, text: {ko: \"5,000원 쿠폰\", en: \"a coupon\"}}\n", "brand.yaml:4: the text promises 5000 but up_to allows 3000"},
		{"what cannot happen", head + "never: [delivery_lost]\n", `brand.yaml:3: event "delivery_lost" is not known`},
		{"unknown event", head + "compensation:\n  - {when: late_delivery, text: {ko: 쿠폰, en: coupon}}\n", `event "late_delivery" is not known; did you mean "delivery_late"?`},
		{"twice", head + "compensation:\n  - {when: bug, text: {ko: 쿠폰, en: coupon}}\n  - {when: bug, text: {ko: 쿠폰, en: coupon}}\n", "brand.yaml:5: there is already a compensation for bug"},
		{"nobody keeps it", head + "promises:\n  - {what: callback, within: 2h, owner: {ko: 배송팀}}\n", "the owner's name in en is missing"},
		{"link", head + "links: [\"https://shop.example/x\"]\n", "write a host such as shop.example"},
		{"page", head + "contact: {page: shop.example}\n", "beginning with https://"},
	} {
		_, err := ParseBrand("brand.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := ParseBrand("brand.yaml", []byte("name: {ko: 가게}\nlanguages: [ko, en]\ntimezone: X\naccent: pink\n"))
	if n := strings.Count(err.Error(), "brand.yaml:"); n != 3 {
		t.Errorf("%d faults, want 3: %v", n, err)
	}
}

func TestOpen(t *testing.T) {
	b, err := ParseBrand("brand.yaml", []byte("name: {ko: 가게, en: Shop}\nhours: {weekdays: \"09:00-18:00\", saturday: \"10:00-15:00\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	seoul := b.Zone()
	for _, c := range []struct {
		at   time.Time
		open bool
		next string
	}{
		{time.Date(2026, 3, 4, 9, 0, 0, 0, seoul), true, "2026-03-04 09:00"},
		{time.Date(2026, 3, 4, 8, 59, 0, 0, seoul), false, "2026-03-04 09:00"},
		{time.Date(2026, 3, 4, 18, 0, 0, 0, seoul), false, "2026-03-05 09:00"},
		{time.Date(2026, 3, 7, 16, 0, 0, 0, seoul), false, "2026-03-09 09:00"},
		{time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC), true, "2026-03-04 10:00"},
	} {
		if got := b.Open(c.at); got != c.open {
			t.Errorf("%s: open %v, want %v", c.at, got, c.open)
		}
		if got := b.NextOpen(c.at).In(seoul).Format("2006-01-02 15:04"); got != c.next {
			t.Errorf("%s: next %s, want %s", c.at, got, c.next)
		}
	}
	if got := b.HoursIn("ko"); got != "평일 09:00~18:00, 토요일 10:00~15:00" {
		t.Errorf("hours in Korean: %q", got)
	}
	if got := (&Brand{zone: time.UTC}).NextOpen(time.Unix(0, 0)); !got.Equal(time.Unix(0, 0)) {
		t.Errorf("always open: next is %s", got)
	}
}

func FuzzParseBrand(f *testing.F) {
	f.Add("name: {ko: 가게, en: Shop}\n")
	f.Add("hours: {weekdays: \"09:00-18:00\"}\naccent: \"#123456\"\ncompensation: [{when: x}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBrand("brand.yaml", []byte(text))
		if err == nil {
			b.NextOpen(time.Unix(0, 0)) // a brand that was accepted can be asked
			b.HoursIn("ko")
		}
	})
}
