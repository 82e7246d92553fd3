package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/web"
	"github.com/onkihq/onki/personas"
)

// noticeEvery is how soon a changed banner is seen.
const noticeEvery = time.Second

// notices hold the banner of brand.yaml and follow its changes: whoever tells
// customers of an outage should not have to restart what still runs.
type notices struct {
	file string // brand.yaml, or "" for an embedded example
	text atomic.Pointer[personas.Text]
}

func newNotices(brand string, first personas.Text) *notices {
	n := &notices{}
	if info, err := os.Stat(brand); err == nil && info.IsDir() {
		n.file = filepath.Join(brand, "brand.yaml")
	}
	n.text.Store(&first)
	return n
}

// in is the banner in a language, or "".
func (n *notices) in(lang string) string { return n.text.Load().In(lang) }

// watch reads the banner again when brand.yaml changes and pushes it to every
// open chat. A file that cannot be read leaves the banner as it was: a slip of
// the pen in the middle of an outage must not take the notice away.
func (n *notices) watch(ctx context.Context, hints bot.Hints, log *slog.Logger) {
	if n.file == "" {
		return
	}
	var seen time.Time
	if info, err := os.Stat(n.file); err == nil {
		seen = info.ModTime()
	}
	tick := time.NewTicker(noticeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		info, err := os.Stat(n.file)
		if err != nil || info.ModTime().Equal(seen) {
			continue
		}
		seen = info.ModTime()
		b, err := personas.LoadBrand(os.DirFS(filepath.Dir(n.file)))
		if err != nil {
			log.Warn("brand.yaml cannot be read; the banner stays as it is", "error", err)
			continue
		}
		if maps.Equal(b.Banner, *n.text.Load()) {
			continue
		}
		n.text.Store(&b.Banner)
		hints.Wake(web.TopicBanner)
		log.Info("banner changed")
	}
}
