package cues

import (
	"embed"
	"sync"
)

//go:embed data/*.txt
var dataFiles embed.FS

// Default returns the rules that are part of the program. They are compiled on
// the first call.
var Default = sync.OnceValues(func() (*Set, error) { return Compile(dataFiles, "data/*.txt") })
