// Package brands holds complete example brands, text only: what `onki init`
// writes out and what Onki serves when it is given no brand of its own.
package brands

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed all:shop all:airline all:hospital all:office all:course all:empty
var files embed.FS

// Names returns the names of the example brands.
func Names() []string { return []string{"shop", "airline", "hospital", "office", "course", "empty"} }

// Open returns the folder of an example brand.
func Open(name string) (fs.FS, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no example brand %q: want %s", name, strings.Join(Names(), ", "))
	}
	return fs.Sub(files, name)
}
