package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/brands"
	"github.com/spf13/cobra"
)

func newInit(s streams) *cobra.Command {
	var brand, lang string
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "write an example brand to start from",
		Example: "  onki init mybrand --brand shop\n" +
			"  onki init mybrand --brand empty --lang ko",
		Args: exactly(1, "the folder to write to"),
		RunE: func(_ *cobra.Command, args []string) error {
			src, err := brands.Open(brand)
			if err != nil {
				return usageError{err}
			}
			if lang != "" && lang != "ko" && lang != "en" {
				return usagef("--lang %q: want ko or en, or leave it out for both", lang)
			}
			n, err := copyBrand(src, args[0], lang)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.err, "wrote %d files to %s\n\nnext:\n  onki chat --brand %[2]s\n  onki validate %[2]s\n  onki serve --brand %[2]s\n", n, args[0])
			return nil
		},
	}
	c.Flags().StringVar(&brand, "brand", "shop", "example to copy: "+strings.Join(brands.Names(), ", "))
	c.Flags().StringVar(&lang, "lang", "", "only this language: ko or en; both if left out")
	return c
}

// exactly asks for n arguments and says which.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s: want %s (see %s --help)", c.CommandPath(), what, c.CommandPath())
		}
		return nil
	}
}

// copyBrand writes the brand's files into dir, which must be empty or absent:
// nothing that is there is ever overwritten.
func copyBrand(src fs.FS, dir, lang string) (int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("init: %w", err)
	}
	if len(entries) > 0 {
		return 0, fmt.Errorf("init: %s is not empty: name a new folder", dir)
	}
	n := 0
	err = fs.WalkDir(src, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if other := map[string]string{"ko": "en", "en": "ko"}[lang]; other != "" && strings.Contains("/"+path, "/"+other+"/") {
			return nil
		}
		text, err := fs.ReadFile(src, path)
		if err != nil {
			return err
		}
		if lang != "" && path == "brand.yaml" {
			text = []byte(strings.Replace(string(text), "languages: [ko, en]", "languages: ["+lang+"]", 1))
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		n++
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return n, fmt.Errorf("init: %w", err)
	}
	return n, nil
}
