package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/measure"
)

//go:embed report/care.html
var careHTML string

// The page: what the template sees.
type carePage struct {
	Runs     []*careRun
	Rules    []carePageRule
	Judgment *judgment
	Talks    []carePageTalk
}

type carePageRule struct {
	Name, Doc string
	Shares    []string
}

type carePageTalk struct {
	Name  string
	Turns []carePageTurn
}

type carePageTurn struct {
	Said, Verdict string
	Replies       []carePageReply
}

type carePageReply struct {
	Text         string
	Broke, Notes []string
}

// writeHTML writes every conversation, the configurations side by side.
func (r careReport) writeHTML(file string) error {
	t, err := template.New("care").Parse(careHTML)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(f, r.page()); err != nil {
		f.Close()
		return fmt.Errorf("report: %w", err)
	}
	return f.Close()
}

func (r careReport) page() carePage {
	p := carePage{Runs: r.Runs, Judgment: r.Judgment}
	for i, rule := range measure.Rules() {
		row := carePageRule{Name: rule.Name, Doc: rule.Doc}
		for _, run := range r.Runs {
			s := run.Result.Scores[i]
			row.Shares = append(row.Shares, fmt.Sprintf("%.1f %% of %d", 100*s.Share(), s.Applied))
		}
		p.Rules = append(p.Rules, row)
	}
	for i, c := range r.Runs[0].talks {
		talk := carePageTalk{Name: c.Name}
		for k, e := range c.Entries {
			turn := carePageTurn{Said: bot.Join(e.Messages).Text, Verdict: r.verdict(c.Name, k+1)}
			for _, run := range r.Runs {
				turn.Replies = append(turn.Replies, run.reply(i, k))
			}
			talk.Turns = append(talk.Turns, turn)
		}
		p.Talks = append(p.Talks, talk)
	}
	return p
}

func (r careReport) verdict(talk string, turn int) string {
	if r.Judgment == nil {
		return ""
	}
	for _, v := range r.Judgment.Remarks {
		if v.Talk == talk && v.Turn == turn {
			return v.Better + ": " + v.Why
		}
	}
	return ""
}

func (run *careRun) reply(talk, turn int) carePageReply {
	if talk >= len(run.talks) || turn >= len(run.talks[talk].Entries) {
		return carePageReply{}
	}
	c := run.talks[talk]
	e := c.Entries[turn]
	p := carePageReply{Text: said(e)}
	for _, b := range run.Result.Breaches {
		if b.Talk == c.Name && b.Turn == turn+1 {
			p.Broke = append(p.Broke, b.Rule+": "+b.What)
		}
	}
	for _, n := range e.Notes {
		switch n.Stage {
		case "refused", "degraded", "model":
			p.Notes = append(p.Notes, n.Stage+": "+n.Text)
		}
	}
	return p
}
