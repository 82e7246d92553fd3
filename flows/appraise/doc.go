// Package appraise reads what happened to a customer: not what they feel but
// why. From a message, its reading and the conversation so far it fills a
// bot.Case: the event and whose doing it is, what is at stake in the customer's
// own words, how often they have written, which promise was broken, what they
// ask for and what they have told us.
//
// The slots follow appraisal theory (Scherer 2001; Smith & Ellsworth 1985) as
// far as text can show them. All rules are text files in data, in the syntax of
// package cues; code only puts their matches together. Which event a message
// tells of is read by Weights, trained from labelled messages, with the rules'
// matches among their evidence.
package appraise

import (
	"embed"
	"sync"

	"github.com/onkihq/onki/flows/emotion/cues"
)

//go:embed data/*.txt
var files embed.FS

// tables are the compiled rules.
type tables struct {
	rules    *cues.Set
	weights  map[string]*Weights // by language
	defaults map[string]usual
	echo     map[string]string // language, space, word: how it is said back
}

var compiled = sync.OnceValues(load)

func load() (*tables, error) {
	var t tables
	var err error
	if t.rules, err = cues.Compile(files, "data/events*.txt", "data/asks.txt", "data/stakes.txt",
		"data/agency.txt", "data/marks.txt", "data/times.txt", "data/nouns.*.txt"); err != nil {
		return nil, err
	}
	if t.weights, err = loadWeights(); err != nil {
		return nil, err
	}
	if t.defaults, err = readDefaults("data/defaults.txt"); err != nil {
		return nil, err
	}
	if t.echo, err = readEcho("data/echo.txt"); err != nil {
		return nil, err
	}
	return &t, nil
}

// Check reports what is wrong with the embedded rules, or nil.
func Check() error {
	_, err := compiled()
	return err
}
