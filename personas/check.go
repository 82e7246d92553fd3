package personas

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// brandKeys are the keys of brand.yaml, for suggestions.
var brandKeys = strings.Fields("name kind never languages timezone accent hours contact person reply_within country reference compensation promises actions links greeting starters privacy identity banner " +
	"weekdays saturday sunday holidays phone email page when up_to currency text what within owner do")

// events are what can happen to a customer; compensation names one of them, and never those that cannot.
var events = strings.Fields("delivery_late delivery_missing wrong_item damaged_item refund_delay double_charge price_dispute cancellation schedule_change outage bug account_locked privacy_leak rude_staff waiting misinformation lost_item health_reaction bereavement own_mistake order_change exchange payment_fail contact_loop not_as_described unavailable refused other")

// checker collects faults of one file with their lines.
type checker struct {
	file   string
	text   []byte
	faults []error
}

// fault records what is wrong at a YAML path such as "$.hours.weekdays".
func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s:%d: %s", c.file, c.line(path), fmt.Sprintf(format, args...)))
}

// line returns where the path stands, or that of the nearest parent there is.
// flows/solve does the same for its files: rooms do not import each other, and a
// package for these lines would be larger than they are.
func (c *checker) line(path string) int {
	for path != "" && path != "$" {
		p, err := yaml.PathString(path)
		if err == nil {
			if node, err := p.ReadNode(strings.NewReader(string(c.text))); err == nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// readError turns a YAML error into one line with file, line and remedy.
func readError(file string, err error, known []string) error {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return fmt.Errorf("%s:%d: %s%s", file, unknown.Token.Position.Line, unknown.Message, suggest(unknown.Token.Value, known))
	}
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", file, y.GetToken().Position.Line, y.GetMessage())
	}
	return fmt.Errorf("%s: %w", file, err)
}

// suggest proposes the known word that a slip of the finger or two would turn
// into the unknown one, else the one that shares most with it.
func suggest(word string, known []string) string {
	near := slices.MinFunc(known, func(a, b string) int { return slips(word, a) - slips(word, b) })
	if slips(word, near) <= 2 && len(word) > 2 {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	best, most := "", 0
	for _, k := range known {
		n := 0
		for i := 0; i+2 <= len(word); i++ {
			if strings.Contains(k, word[i:i+2]) {
				n++
			}
		}
		if n > most {
			best, most = k, n
		}
	}
	if best == "" || 2*most < len(word)-1 {
		return "; remove it or see the schema for what may stand here"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// slips is how many letters have to be changed, added or left out to make one
// word of the other (Levenshtein 1966).
func slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// check reports everything in the brand that cannot work.
func (b *Brand) check(c *checker) {
	if len(b.Languages) == 0 {
		c.fault("$", "languages is missing: write languages: [ko, en], or one of them")
	}
	for i, l := range b.Languages {
		if l != "ko" && l != "en" {
			c.fault("$.languages["+strconv.Itoa(i)+"]", "language %q: Onki speaks ko and en", l)
		} else if b.Name[l] == "" {
			c.fault("$.name", "name has no %s: add the brand's name in each of its languages", l)
		}
	}
	if _, err := time.LoadLocation(b.Timezone); err != nil {
		c.fault("$.timezone", "time zone %q is not known: write one such as Asia/Seoul", b.Timezone)
	}
	for _, d := range []struct{ key, hours string }{{"weekdays", b.Hours.Weekdays}, {"saturday", b.Hours.Saturday}, {"sunday", b.Hours.Sunday}, {"holidays", b.Hours.Holidays}} {
		if _, err := parseSpan(d.hours); err != nil {
			c.fault("$.hours."+d.key, "%v", err)
		}
	}
	if ratio, err := contrast(b.Accent); err != nil {
		c.fault("$.accent", "%v", err)
	} else if ratio < 4.5 {
		c.fault("$.accent", "accent %s has contrast %.1f with white text; people with weak eyes need 4.5 (WCAG 2.2, 1.4.3): choose a darker one", b.Accent, ratio)
	}
	if d, err := time.ParseDuration(b.ReplyWithin); b.ReplyWithin != "" && (err != nil || d <= 0) {
		c.fault("$.reply_within", "reply_within %q: write a time such as 30m or 2h", b.ReplyWithin)
	}
	if !slices.Contains([]string{"", "off", "verify", "require"}, b.Identity) {
		c.fault("$.identity", "identity %q: write off, verify or require", b.Identity)
	}
	for _, l := range b.Languages {
		if len(b.Banner) > 0 && b.Banner[l] == "" {
			c.fault("$.banner", "banner has no %s: a notice is for everybody", l)
		}
	}
	b.checkAllowed(c)
	b.checkActions(c)
	b.checkLinks(c)
}

func (b *Brand) checkAllowed(c *checker) {
	for i, e := range b.Never {
		if !slices.Contains(events, e) {
			c.fault("$.never["+strconv.Itoa(i)+"]", "event %q is not known%s", e, suggest(e, events))
		}
	}
	seen := make(map[string]bool)
	for i, x := range b.Compensation {
		at := "$.compensation[" + strconv.Itoa(i) + "]"
		if !slices.Contains(events, x.When) {
			c.fault(at+".when", "event %q is not known%s", x.When, suggest(x.When, events))
		}
		if seen[x.When] {
			c.fault(at+".when", "there is already a compensation for %s: keep one", x.When)
		}
		seen[x.When] = true
		if x.UpTo < 0 {
			c.fault(at+".up_to", "up_to %v: a limit cannot be negative", x.UpTo)
		}
		for _, l := range b.Languages {
			if x.Text[l] == "" {
				c.fault(at+".text", "the text for %s is missing: customers in that language could not be offered it", l)
			}
			if n := largest(x.Text[l]); x.UpTo > 0 && n > x.UpTo {
				c.fault(at+".text", "the text promises %v but up_to allows %v: lower one or raise the other", n, x.UpTo)
			}
		}
	}
	for i, p := range b.Promises {
		at := "$.promises[" + strconv.Itoa(i) + "]"
		if d, err := time.ParseDuration(p.Within); err != nil || d <= 0 {
			c.fault(at+".within", "within %q: write a time such as 2h", p.Within)
		}
		for _, l := range b.Languages {
			if p.Owner[l] == "" {
				c.fault(at+".owner", "the owner's name in %s is missing: a promise needs somebody who keeps it", l)
			}
		}
	}
}

func (b *Brand) checkActions(c *checker) {
	for i, a := range b.Actions {
		at := "$.actions[" + strconv.Itoa(i) + "]"
		if a.Do == "" {
			c.fault(at, "an action needs do: its name in backoffice.yaml")
		}
		if a.UpTo < 0 {
			c.fault(at+".up_to", "up_to %v: a limit cannot be negative", a.UpTo)
		}
	}
}

// Events are the names of what can happen to a customer.
func Events() []string { return slices.Clone(events) }

func (b *Brand) checkLinks(c *checker) {
	for i, l := range b.Links {
		if strings.Contains(l, "/") || !strings.Contains(l, ".") {
			c.fault("$.links["+strconv.Itoa(i)+"]", "link %q: write a host such as shop.example, without https:// and path", l)
		}
	}
	for _, p := range []struct{ path, url string }{{"$.contact.page", b.Contact.Page}, {"$.privacy", b.Privacy}} {
		if u, err := url.Parse(p.url); p.url != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			c.fault(p.path, "address %q: write it in full, beginning with https://", p.url)
		}
	}
	for l := range b.Starters {
		if l != "ko" && l != "en" {
			c.fault("$.starters."+l, "language %q: Onki speaks ko and en", l)
		}
	}
}

// largest returns the largest number in a text, 0 without one.
func largest(s string) float64 {
	var most float64
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ',' && r != '.' }) {
		if n, err := strconv.ParseFloat(strings.Trim(strings.ReplaceAll(word, ",", ""), "."), 64); err == nil {
			most = max(most, n)
		}
	}
	return most
}

// contrast is the WCAG 2.2 contrast ratio of a colour #rrggbb with white.
func contrast(colour string) (float64, error) {
	v, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 || colour[0] != '#' {
		return 0, fmt.Errorf("accent %q: write a colour as #rrggbb", colour)
	}
	linear := func(c uint64) float64 {
		x := float64(c&0xff) / 255
		if x <= .04045 {
			return x / 12.92
		}
		return math.Pow((x+.055)/1.055, 2.4)
	}
	return 1.05 / (.2126*linear(v>>16) + .7152*linear(v>>8) + .0722*linear(v) + .05), nil
}
