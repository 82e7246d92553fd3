package importer

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// A Report says what an import did.
type Report struct {
	Files     int `json:"files"`     // files read
	Same      int `json:"same"`      // of them, those that had not changed since the last import
	Passages  int `json:"passages"`  // passages in the base after it
	Added     int `json:"added"`     // passages that are new
	Changed   int `json:"changed"`   // passages whose content or source changed
	Removed   int `json:"removed"`   // passages whose text is gone
	Unchanged int `json:"unchanged"` // passages that were there already

	Faults  []Remark `json:"faults,omitempty"`  // what could not be read, and must be mended
	Skipped []Remark `json:"skipped,omitempty"` // what was left out on purpose, and why
	Notices []Remark `json:"notices,omitempty"` // what was read but should be looked at

	Sums map[string]string `json:"-"` // of the content of each file that was read without a remark
}

// A Remark is one thing to know about a file.
type Remark struct {
	Source string `json:"source"`           // file:line
	What   string `json:"what"`             // what is the matter
	Remedy string `json:"remedy,omitempty"` // what to do about it
}

// Error returns the remark as "file:line: what; remedy".
func (r Remark) Error() string {
	s := r.What
	if r.Source != "" {
		s = r.Source + ": " + s
	}
	if r.Remedy != "" {
		s += "; " + r.Remedy
	}
	return s
}

// Err returns the faults as one error, nil when there are none.
func (r *Report) Err() error {
	errs := make([]error, len(r.Faults))
	for i, f := range r.Faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// String returns the report as lines for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	switch {
	case r.Files == 0 && r.Passages == 0:
		b.WriteString("nothing was read\n")
	default:
		fmt.Fprintf(&b, "%s from %s", number(r.Passages, "passage"), number(r.Files, "file"))
		if r.Same > 0 {
			fmt.Fprintf(&b, ", %d of them as before", r.Same)
		}
		fmt.Fprintf(&b, ": %d added, %d changed, %d removed, %d unchanged\n", r.Added, r.Changed, r.Removed, r.Unchanged)
	}
	for _, part := range []struct {
		name    string
		remarks []Remark
	}{{"fault", r.Faults}, {"skipped", r.Skipped}, {"notice", r.Notices}} {
		for _, m := range part.remarks {
			fmt.Fprintf(&b, "%s: %s\n", part.name, m.Error())
		}
	}
	return b.String()
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// remarks is how many there are.
func (r *Report) remarks() int { return len(r.Faults) + len(r.Skipped) + len(r.Notices) }

func (r *Report) fault(source, remedy, format string, args ...any) {
	r.Faults = append(r.Faults, Remark{source, fmt.Sprintf(format, args...), remedy})
}

func (r *Report) skip(source, remedy, format string, args ...any) {
	r.Skipped = append(r.Skipped, Remark{source, fmt.Sprintf(format, args...), remedy})
}

// maxNotices bounds the notices of one kind, so that one bad export does not
// bury the rest of the report.
const maxNotices = 20

func (r *Report) notice(source, remedy, format string, args ...any) {
	r.Notices = append(r.Notices, Remark{source, fmt.Sprintf(format, args...), remedy})
}

// trim sorts the notices by source and keeps the first of each kind.
func (r *Report) trim() {
	sort.SliceStable(r.Notices, func(i, j int) bool { return r.Notices[i].Source < r.Notices[j].Source })
	count := map[string]int{}
	kept := r.Notices[:0]
	for _, n := range r.Notices {
		count[n.Remedy]++
		if count[n.Remedy] <= maxNotices {
			kept = append(kept, n)
		}
	}
	r.Notices = kept
	for remedy, n := range count {
		if n > maxNotices {
			r.Notices = append(r.Notices, Remark{"", fmt.Sprintf("and %d more of this kind", n-maxNotices), remedy})
		}
	}
}
