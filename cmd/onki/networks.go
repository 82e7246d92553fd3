package main

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/slack"
	"github.com/onkihq/onki/channels/telegram"
	"github.com/spf13/cobra"
)

// networks makes the chat networks that the configuration has keys for, and
// the paths at which those that call us are answered.
func (b *brand) networks(cfg config, ledger fullLedger, log *slog.Logger) ([]bot.Channel, map[string]http.Handler, error) {
	var channels []bot.Channel
	hooks := make(map[string]http.Handler)
	if cfg.SlackBot != "" {
		o := slack.Options{BotToken: string(cfg.SlackBot), AppToken: string(cfg.SlackApp), Ledger: ledger, Links: b.Links, Lang: b.languages()[0], Log: log}
		if cfg.SlackSigning != "" {
			o.SigningSecrets = []string{string(cfg.SlackSigning)}
		}
		c, err := slack.New(o)
		if err != nil {
			return nil, nil, err
		}
		channels = append(channels, c)
		hooks["POST /slack"] = c.Handler()
	}
	if cfg.Telegram != "" {
		o := telegram.Options{Token: telegram.Token(cfg.Telegram), Ledger: ledger, Links: b.Links, Lang: b.languages()[0], Log: log}
		if cfg.TelegramHook != "" {
			o.Secrets = []string{string(cfg.TelegramHook)}
		}
		c, err := telegram.New(o)
		if err != nil {
			return nil, nil, err
		}
		channels = append(channels, c)
		hooks["POST /telegram"] = c.Handler()
	}
	return channels, hooks, nil
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
