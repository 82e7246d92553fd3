package telegram

import (
	"embed"
	"fmt"

	"github.com/onkihq/onki/channels/edge"
)

// The channel's own words, one file per language, one line per text.
//
//go:embed words/*.txt
var wordFiles embed.FS

// readWords reads the built-in words and lays the brand's own over them.
func readWords(own map[string]map[string]string) (edge.Words, error) {
	w, err := edge.ReadWords(wordFiles, own)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	return w, nil
}
