package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
	"github.com/onkihq/onki/channels/slack"
	"github.com/onkihq/onki/channels/telegram"
	"github.com/spf13/cobra"
)

// network is what the configured chat networks bring.
type network struct {
	channels []bot.Channel
	hooks    map[string]http.Handler                                 // paths at which those that call us are answered
	deepLink func(ctx context.Context, token string) (string, error) // by which a customer of the web goes on there; nil when nowhere
	workers  []worker                                                // staff desks, and what is said unasked
}

// networks makes the chat networks that the configuration has keys for.
func (b *brand) networks(ctx context.Context, cfg config, ledger fullLedger, hints bot.Hints, log *slog.Logger) (network, error) {
	n := network{hooks: make(map[string]http.Handler)}
	staff, err := b.newDesk(cfg, ledger, hints)
	if err != nil {
		return n, err
	}
	if err := b.api(&n, cfg, ledger, staff, hints, log); err != nil {
		return n, err
	}
	if err := webhooks(&n, cfg, ledger, log); err != nil {
		return n, err
	}
	if w, ok := b.late(ledger, hints, log); ok {
		n.workers = append(n.workers, w)
	}
	if cfg.SlackBot != "" {
		if err := b.slack(&n, cfg, ledger, staff, log); err != nil {
			return n, err
		}
	}
	if cfg.Telegram != "" {
		if err := b.telegram(ctx, &n, cfg, ledger, staff, log); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (b *brand) slack(n *network, cfg config, ledger fullLedger, staff *desk.Desk, log *slog.Logger) error {
	o := slack.Options{BotToken: string(cfg.SlackBot), AppToken: string(cfg.SlackApp), Ledger: ledger, Links: b.Links, Lang: b.Languages[0], APIURL: cfg.SlackAPI, Log: log, Leader: leader(ledger, slack.Name)}
	if cfg.SlackSigning != "" {
		o.SigningSecrets = []string{string(cfg.SlackSigning)}
	}
	c, err := slack.New(o)
	if err != nil {
		return err
	}
	n.channels = append(n.channels, c)
	n.hooks["POST /slack"] = c.Handler()
	if cfg.SlackDesk == "" {
		return nil
	}
	d, err := slack.NewDesk(c, slack.DeskOptions{Channel: cfg.SlackDesk, Desk: staff})
	if err != nil {
		return err
	}
	n.workers = append(n.workers, worker{"desk." + slack.Name, d.Run})
	return nil
}

func (b *brand) telegram(ctx context.Context, n *network, cfg config, ledger fullLedger, staff *desk.Desk, log *slog.Logger) error {
	o := telegram.Options{Token: telegram.Token(cfg.Telegram), Server: cfg.TelegramAPI, Ledger: ledger, Desk: ledger, Links: b.Links, Lang: b.Languages[0], Log: log, Leader: leader(ledger, telegram.Name)}
	if cfg.TelegramHook != "" {
		o.Secrets = []string{string(cfg.TelegramHook)}
	}
	c, err := telegram.New(o)
	if err != nil {
		return err
	}
	n.channels = append(n.channels, c)
	n.hooks["POST /telegram"] = c.Handler()
	n.deepLink = c.DeepLink
	go introduce(ctx, c, cfg, log)
	if cfg.TelegramDesk == 0 {
		return nil
	}
	places, _ := ledger.(telegram.Places) // a ledger in memory forgets the conversations too
	d, err := telegram.NewDesk(c, telegram.DeskOptions{Group: cfg.TelegramDesk, Desk: staff, Places: places})
	if err != nil {
		return err
	}
	n.workers = append(n.workers, worker{"desk." + telegram.Name, d.Run})
	return nil
}

// leader lets one node at a time listen to a network that wants only one.
func leader(ledger fullLedger, network string) func(context.Context) (context.Context, func(), error) {
	l, ok := ledger.(interface {
		Lead(ctx context.Context, name string) (context.Context, func(), error)
	})
	if !ok {
		return nil
	}
	return func(ctx context.Context) (context.Context, func(), error) { return l.Lead(ctx, network) }
}

// introduce tells Telegram the bot's commands and where to call us. It may
// fail without harm: what was told before still holds.
func introduce(ctx context.Context, c *telegram.Channel, cfg config, log *slog.Logger) {
	if err := c.SetCommands(ctx); err != nil {
		log.Warn("telegram was not told the commands", "error", err)
	}
	switch {
	case cfg.TelegramHook == "":
	case cfg.URL == "":
		log.Warn("telegram is not told where to call: set url to the public address of this server")
	default:
		if err := c.SetWebhook(ctx, strings.TrimSuffix(cfg.URL, "/")+"/telegram"); err != nil {
			log.Error("telegram was not told where to call", "error", err)
		}
	}
}

func newSlack(s streams) *cobra.Command {
	c := &cobra.Command{Use: "slack", Short: "what Slack needs to know of this bot"}
	var url string
	var link bool
	manifest := &cobra.Command{
		Use: "manifest", Short: "print the app manifest, or a link that makes the app in one click", Args: cobra.NoArgs,
		Example: "  onki slack manifest --link                                   # Socket Mode\n  onki slack manifest --url https://chat.shop.example/slack   # Slack calls us",
		RunE: func(*cobra.Command, []string) error {
			if link {
				fmt.Fprintln(s.out, slack.ManifestURL(url, url == ""))
				return nil
			}
			fmt.Fprintln(s.out, slack.Manifest(url, url == ""))
			return nil
		},
	}
	manifest.Flags().StringVar(&url, "url", "", "where Slack reaches this Onki, ending in /slack; Socket Mode if left out")
	manifest.Flags().BoolVar(&link, "link", false, "print the one-click link instead")
	c.AddCommand(manifest)
	return c
}
