// Command train makes the recognizer's files from the public data sets and our
// own customer messages:
//
//	go run ./flows/emotion/train -data DIR -out flows/emotion/model
//
// DIR holds one folder per set as flows/emotion/model/MODEL_CARD.md lists them.
// The same data and seed give the same files, to the bit.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/fuse"
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
	out := flags.String("out", "flows/emotion", "folder for model/ko.onki, model/en.onki and fusion.json")
	domain := flags.String("customers", "flows/emotion/data", "folder of our own messages: care.ko.tsv and so on")
	lang := flags.String("lang", "", "only this language: ko or en")
	seed := flags.Uint64("seed", 1, "seed of everything that is drawn by chance")
	plainOnly := flags.Bool("no-sharealike", false, "leave out the sets whose licence is share-alike (CC BY-SA)")
	card := flags.String("card", "", "do not train: measure the model in the program and write the tables into this model card")
	workers := flags.Int("workers", 2, "processors to use; the result does not depend on it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *data == "" {
		return fmt.Errorf("which data? give -data DIR, one folder per set as MODEL_CARD.md lists them")
	}
	if *card != "" {
		return writeCard(*card, *data, *domain)
	}
	t := &training{out: *out, held: &heldOut{}}
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
		if err := t.add(j); err != nil {
			return err
		}
	}
	if len(t.files) < 2 {
		return nil // the fusion is for both languages
	}
	return t.fuse(*domain)
}

// training is what a run has made so far.
type training struct {
	out   string
	files []*model.File
	held  *heldOut
}

func (t *training) add(j *job) error {
	f, err := j.train(t.held)
	if err != nil {
		return err
	}
	t.files = append(t.files, f)
	j.log("done")
	return save(filepath.Join(t.out, "model", j.lang+".onki"), f.Write)
}

// fuse fits the weights that join the models with the other evidence.
func (t *training) fuse(dir string) error {
	var err error
	if t.held.Model, err = model.New(t.files...); err != nil {
		return err
	}
	rows, err := messages(dir)
	if err != nil {
		return err
	}
	loud, err := bands(dir)
	if err != nil {
		return err
	}
	f, err := fuse.Fit(rows, loud, t.held)
	if err != nil {
		return err
	}
	return save(filepath.Join(t.out, "fusion.json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "\t")
		return e.Encode(f)
	})
}

// save writes beside the old file and then takes its place, so that a broken
// run leaves the old one.
func save(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".train-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
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
