package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/flowstest"
	"github.com/spf13/cobra"
)

func newTest(s streams) *cobra.Command {
	var update, verbose bool
	c := &cobra.Command{
		Use: "test DIR", Short: "play a brand's talk files", Args: exactly(1, "the brand's folder"),
		Example: "  onki test ./mybrand\n  onki test --update ./mybrand   # accept what is said now",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := loadConfig("", c.Flags())
			if err != nil {
				return usageError{err}
			}
			b, err := openBrandWith(c.Context(), args[0], cfg.place)
			if err != nil {
				return err
			}
			return playTalks(c.Context(), b, args[0], update, verbose, s)
		},
	}
	c.Flags().BoolVar(&update, "update", false, "rewrite the lines that differ with what happened")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "name every talk")
	indexFlag(c)
	return c
}

// playTalks plays talks/**/*.txt of the brand.
func playTalks(ctx context.Context, b *brand, dir string, update, verbose bool, s streams) error {
	files, err := talkFiles(b.fs)
	if err != nil {
		return err
	}
	passed, failed := 0, 0
	for _, name := range files {
		res, err := playTalk(ctx, b, name)
		switch {
		case err != nil:
			fmt.Fprintln(s.out, err)
			failed++
		case len(res.Faults) == 0 && !update:
			passed++
			if verbose {
				fmt.Fprintf(s.out, "ok  %s (%d turns)\n", name, len(res.Entries))
			}
		case update:
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(res.Update()), 0o644); err != nil {
				return fmt.Errorf("update: %w", err)
			}
			passed++
		default:
			fmt.Fprint(s.out, res)
			failed++
		}
	}
	fmt.Fprintf(s.out, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		fmt.Fprintln(s.err, "read the differences; if what happened is better, accept it with onki test --update", dir)
		return errSilent
	}
	return nil
}

func playTalk(ctx context.Context, b *brand, name string) (*flowstest.Result, error) {
	return playTalkOf(ctx, b, b.fs, name)
}

// playTalkOf plays a talk file of another folder.
func playTalkOf(ctx context.Context, b *brand, fsys fs.FS, name string) (*flowstest.Result, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	talk, err := flowstest.Parse(name, f)
	if err != nil {
		return nil, err
	}
	care, office, err := b.connect(true, func() time.Time { return talk.Time }, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	var does []bot.Channel
	if office != nil {
		does = append(does, office)
	}
	return flowstest.Play(ctx, talk, care.Flow(), care.Rescue(), does...)
}

func talkFiles(fsys fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(fsys, "talks", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && path.Ext(p) == ".txt" && !strings.HasPrefix(path.Base(p), ".") {
			files = append(files, p)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return files, err
}
