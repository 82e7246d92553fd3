// Command train makes the recognizer's files from the public data sets and our
// own customer messages:
//
//	go run ./flows/emotion/train -data DIR -out flows/emotion/model
//
// DIR holds one folder per set as flows/emotion/model/MODEL_CARD.md lists them.
// The same data and seed give the same files, to the bit.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/evaluate"
)

// job is one language to train.
type job struct {
	sets
	minDF, keep, steps, workers int
	mix                         float32 // how far other labels may move a label: inverse penalty
	seed                        uint64
	log                         func(format string, args ...any)
}

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(args []string, log io.Writer) error {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	data := flags.String("data", "", "folder of the data sets")
	out := flags.String("out", "flows/emotion/model", "folder for ko.onki and en.onki")
	domain := flags.String("customers", "flows/emotion/data", "folder of our own care.ko.tsv and care.en.tsv")
	lang := flags.String("lang", "", "only this language: ko or en")
	seed := flags.Uint64("seed", 1, "seed of everything that is drawn by chance")
	plainOnly := flags.Bool("no-sharealike", false, "leave out the sets whose licence is share-alike (CC BY-SA)")
	measure := flags.Bool("measure", false, "do not train: print the model card's tables for the model in the program")
	workers := flags.Int("workers", 2, "processors to use; the result does not depend on it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *data == "" {
		return fmt.Errorf("which data? give -data DIR, one folder per set as MODEL_CARD.md lists them")
	}
	if *measure {
		report, err := evaluate.Eval(*data)
		if err != nil {
			return err
		}
		return report.WriteMarkdown(os.Stdout)
	}
	for _, l := range []string{"en", "ko"} {
		if *lang != "" && *lang != l {
			continue
		}
		start := time.Now()
		j := &job{
			sets:  sets{plan: planOf(l), dir: *data, domain: *domain, noShareAlike: *plainOnly},
			minDF: 3, keep: 60000, steps: 30, workers: *workers, mix: 0.02, seed: *seed,
			log: func(format string, args ...any) {
				fmt.Fprintf(log, "%s %5.0fs %s\n", l, time.Since(start).Seconds(), fmt.Sprintf(format, args...))
			},
		}
		f, err := j.train()
		if err != nil {
			return err
		}
		if err := save(f, filepath.Join(*out, l+".onki")); err != nil {
			return err
		}
		j.log("done")
	}
	return nil
}

// save writes beside the old file and then takes its place, so that a broken
// run leaves the old one.
func save(f *model.File, path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".train-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := f.Write(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
