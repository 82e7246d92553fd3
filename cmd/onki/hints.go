package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/nats"
	"github.com/onkihq/onki/bot/sqlledger"
)

// lookSeldom is how often, in beats of the ledger, readers are woken by looking
// when hints also come over NATS: it only has to make up for lost ones.
const lookSeldom = 4

// hintsOf wakes whoever waits for work: in this process, on a server also for
// what other nodes have done, and over NATS at once.
func hintsOf(ctx context.Context, cfg config, ledger fullLedger, log *slog.Logger) (bot.Hints, func(), error) {
	l, ok := ledger.(keeping)
	if cfg.NATS == "" || !ok || !sqlledger.OnServer(cfg.Ledger) {
		if ok {
			return l.Hints(&bot.LocalHints{}, 1), func() {}, nil
		}
		return &bot.LocalHints{}, func() {}, nil
	}
	epoch, err := l.Epoch(ctx) // nodes of one ledger hear each other and nobody else
	if err != nil {
		return nil, nil, err
	}
	url, stop := string(cfg.NATS), func() {}
	if addr, serve := strings.CutPrefix(url, "serve:"); serve {
		if url, stop, err = nats.Serve(addr); err != nil {
			return nil, nil, fmt.Errorf("nats %q: %w", cfg.NATS, err)
		}
	}
	h, err := nats.Open(url, epoch, log)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return l.Hints(h, lookSeldom), func() { h.Close(); stop() }, nil
}
