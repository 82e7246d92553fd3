package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/goccy/go-yaml"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/flows/llm"
	"github.com/spf13/pflag"
)

// config is everything a running Onki can be told. Flags win over the
// environment (ONKI_*), the environment over onki.yaml, that over defaults.
// Secrets may also be given as a file: ONKI_SECRET_FILE.
type config struct {
	Addr         string        `yaml:"addr" env:"ADDR"`                                 // where to listen
	URL          string        `yaml:"url" env:"URL"`                                   // the public address of this server, for networks that call us
	Brand        string        `yaml:"brand" env:"BRAND"`                               // a folder, or shop, airline, empty
	Ledger       string        `yaml:"ledger" env:"LEDGER"`                             // sqlite:PATH, postgres://… or memory:
	Index        string        `yaml:"index" env:"INDEX"`                               // where ingested knowledge is kept: local:PATH or qdrant://HOST:6334/COLLECTION; beside the ledger if empty
	QdrantKey    secret        `yaml:"qdrant_key" env:"QDRANT_KEY"`                     // the API key of that server
	NATS         address       `yaml:"nats" env:"NATS"`                                 // wakes other nodes at once: nats://HOST:4222, or serve:HOST:PORT in a build with a server
	Embedder     string        `yaml:"embedder" env:"EMBEDDER"`                         // openai:MODEL@https://host/v1 or ollama:MODEL@http://host:11434; none is needed
	EmbedderKey  string        `yaml:"embedder_key" env:"EMBEDDER_KEY"`                 // env:NAME or file:PATH
	EmbedTrust   float64       `yaml:"embedder_trust" env:"EMBEDDER_TRUST"`             // how sure meaning alone can make an answer, 0..1
	Origins      []string      `yaml:"origins" env:"ORIGINS"`                           // pages that may embed the chat
	Secret       secret        `yaml:"secret" env:"SECRET"`                             // signs visitors' tokens; made and kept beside the ledger if empty
	Identity     string        `yaml:"identity" env:"IDENTITY"`                         // off, verify or require; wins over brand.yaml
	IdentityKey  string        `yaml:"identity_key" env:"IDENTITY_KEY"`                 // Ed25519 public key (PEM) with which JWTs of the brand's server are checked
	IdentityJWT  secret        `yaml:"identity_secret" env:"IDENTITY_SECRET"`           // or a shared secret for HS256, 32 bytes or more
	IdentityHMAC secret        `yaml:"identity_hmac" env:"IDENTITY_HMAC"`               // the easy start: secret of the HMAC of a user's name
	SlackBot     secret        `yaml:"slack_bot_token" env:"SLACK_BOT_TOKEN"`           // xoxb-…; Slack is off without it
	SlackApp     secret        `yaml:"slack_app_token" env:"SLACK_APP_TOKEN"`           // xapp-… for Socket Mode
	SlackSigning secret        `yaml:"slack_signing_secret" env:"SLACK_SIGNING_SECRET"` // for the Events API at /slack
	Telegram     secret        `yaml:"telegram_token" env:"TELEGRAM_TOKEN"`             // Telegram is off without it
	TelegramHook secret        `yaml:"telegram_secret" env:"TELEGRAM_SECRET"`           // for a webhook at /telegram; long polling without it
	SlackAPI     string        `yaml:"slack_api" env:"SLACK_API"`                       // address of Slack's web API, when it is reached through a proxy of yours
	TelegramAPI  string        `yaml:"telegram_api" env:"TELEGRAM_API"`                 // address of a Bot API server of yours
	SlackDesk    string        `yaml:"slack_desk" env:"SLACK_DESK"`                     // ID of the Slack channel in which the staff sits, C…
	TelegramDesk int64         `yaml:"telegram_desk" env:"TELEGRAM_DESK"`               // ID of the Telegram group with topics in which the staff sits, -100…
	DeskLang     string        `yaml:"desk_lang" env:"DESK_LANG"`                       // language of the staff, ko or en; the brand's first if empty
	APIKeys      []apiKey      `yaml:"api_keys"`                                        // programs that may use the API at /api/v1; it is off without any
	Webhooks     []webhook     `yaml:"webhooks"`                                        // programs that are told about hand-overs
	Model        string        `yaml:"model" env:"MODEL"`                               // PROVIDER:NAME or PROVIDER:NAME@URL; no model is needed
	ModelKey     string        `yaml:"model_key" env:"MODEL_KEY"`                       // env:NAME or file:PATH
	Models       []llm.Spec    `yaml:"models"`                                          // several, in the order in which they are tried
	ModelBudget  llm.Budget    `yaml:"model_budget"`                                    // what they may cost
	ModelWithin  time.Duration `yaml:"model_within" env:"MODEL_WITHIN"`                 // how long a reply waits for them; 0 means 6 s
	FileScan     []string      `yaml:"file_scan" env:"FILE_SCAN"`                       // a command that reads an upload and ends with 0 when it may be kept, such as clamdscan and its arguments
	Limits       string        `yaml:"limits" env:"LIMITS"`                             // off lets one network do everything, for measuring; on loopback only
	LogLevel     string        `yaml:"log_level" env:"LOG_LEVEL"`                       // debug, info, warn or error
	LogFormat    string        `yaml:"log_format" env:"LOG_FORMAT"`
	Workers      int           `yaml:"workers" env:"WORKERS"`

	LedgerKeys     []string `yaml:"ledger_keys" env:"LEDGER_KEYS"`         // env:NAME or file:PATH of keys that encrypt the ledger; the first seals, all open
	KeepChats      days     `yaml:"keep_chats" env:"KEEP_CHATS"`           // how long a quiet conversation is kept, 365d; 0s keeps it for ever
	KeepComplaints days     `yaml:"keep_complaints" env:"KEEP_COMPLAINTS"` // how long a deleted record of a complaint stays locked away; 0s deletes it at once
	KeepSeen       days     `yaml:"keep_seen" env:"KEEP_SEEN"`             // how long a repeat of an answered message is known as one
}

// address is a URL that does not print the password in it.
type address string

func (a address) String() string {
	if u, err := url.Parse(string(a)); err == nil {
		return u.Redacted()
	}
	return "***"
}

// LogValue keeps the password out of structured logs.
func (a address) LogValue() slog.Value { return slog.StringValue(a.String()) }

// apiKey lets a program use the staff's API.
type apiKey struct {
	Name   string   `yaml:"name"`   // for the log
	Key    secret   `yaml:"key"`    // the key, or env:NAME or file:PATH where it is
	Scopes []string `yaml:"scopes"` // read, write
	Rate   float64  `yaml:"rate"`   // calls a second in the long run, ten times as many at once; 0 means 20
}

// webhook is a program that is told about hand-overs.
type webhook struct {
	URL     string   `yaml:"url"`
	Secrets []secret `yaml:"secrets"` // whsec_…, or env:NAME or file:PATH where one is
	Inside  bool     `yaml:"inside"`  // the address may be in the brand's own network
}

// secret is a string that does not print itself.
type secret string

func (secret) String() string { return "***" }

// LogValue keeps the secret out of structured logs.
func (secret) LogValue() slog.Value { return slog.StringValue("***") }

func defaults() config {
	return config{Addr: "localhost:8080", Brand: "shop", Ledger: "sqlite:onki.db", LogLevel: "info", LogFormat: "text", KeepChats: days(365 * 24 * time.Hour), KeepSeen: days(30 * 24 * time.Hour)}
}

// loadConfig reads onki.yaml (or the file named), the environment and flags.
func loadConfig(file string, flags *pflag.FlagSet) (config, error) {
	c := defaults()
	if err := c.readFile(file); err != nil {
		return c, err
	}
	if err := c.readEnv(os.Environ()); err != nil {
		return c, err
	}
	if flags != nil {
		flags.Visit(func(f *pflag.Flag) {
			switch f.Name {
			case "addr":
				c.Addr = f.Value.String()
			case "brand":
				c.Brand = f.Value.String()
			case "ledger":
				c.Ledger = f.Value.String()
			case "index":
				c.Index = f.Value.String()
			case "log-level":
				c.LogLevel = f.Value.String()
			case "model":
				c.Model = f.Value.String()
			case "model-key":
				c.ModelKey = f.Value.String()
			}
		})
	}
	return c, c.check()
}

func (c *config) readFile(file string) error {
	named := file != ""
	if !named {
		file = "onki.yaml"
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		var unknown *yaml.UnknownFieldError
		if errors.As(err, &unknown) {
			return fmt.Errorf("%s:%d: %s%s", file, unknown.Token.Position.Line, unknown.Message, suggest(unknown.Token.Value, configKeys("yaml")))
		}
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// readEnv takes ONKI_* variables; one that is not known is an error, because a
// misspelt setting that is silently ignored is found at the worst time.
func (c *config) readEnv(environ []string) error {
	vars := make(map[string]string)
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		name, ok := strings.CutPrefix(k, "ONKI_")
		if !ok || v == "" || name == "FAILPOINT" {
			continue
		}
		if base, isFile := strings.CutSuffix(name, "_FILE"); isFile {
			text, err := os.ReadFile(v)
			if err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			name, v = base, strings.TrimSpace(string(text))
		}
		if key := strings.ToLower(name); !slices.Contains(configKeys("env"), key) {
			return fmt.Errorf("environment: %s is not known%s", k, suggest(key, configKeys("env")))
		}
		vars[name] = v
	}
	if err := env.ParseWithOptions(c, env.Options{Environment: vars}); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	return nil
}

// configKeys are the names of the settings in onki.yaml, or of those that can
// also be given as a variable.
func configKeys(tag string) []string {
	var keys []string
	t := reflect.TypeFor[config]()
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get(tag); key != "" {
			keys = append(keys, strings.ToLower(key))
		}
	}
	return keys
}

func (c config) check() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return fmt.Errorf("log_level %q: want debug, info, warn or error", c.LogLevel)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("log_format %q: want text or json", c.LogFormat)
	}
	if c.Limits != "" && c.Limits != "on" && c.Limits != "off" {
		return fmt.Errorf("limits %q: want on or off", c.Limits)
	}
	if host, _, err := net.SplitHostPort(c.Addr); c.Limits == "off" && (err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback()) {
		return fmt.Errorf("limits off is for measuring on this machine: listen on 127.0.0.1, not on %s", c.Addr)
	}
	if !strings.HasPrefix(c.Ledger, "sqlite:") && c.Ledger != "memory:" && !sqlledger.OnServer(c.Ledger) {
		return fmt.Errorf("ledger %q: want memory:, sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE", c.Ledger)
	}
	switch {
	case c.SlackDesk != "" && c.SlackBot == "":
		return errors.New("slack_desk: set slack_bot_token too, or nobody shows the desk")
	case c.TelegramDesk != 0 && c.Telegram == "":
		return errors.New("telegram_desk: set telegram_token too, or nobody shows the desk")
	case c.DeskLang != "" && c.DeskLang != "ko" && c.DeskLang != "en":
		return fmt.Errorf("desk_lang %q: want ko or en", c.DeskLang)
	}
	return nil
}

// ledgerPath is the file of an SQLite ledger, or "".
func (c config) ledgerPath() string {
	p, ok := strings.CutPrefix(c.Ledger, "sqlite:")
	if !ok {
		return ""
	}
	return filepath.Clean(p)
}

// ledgerName is the ledger as it may be shown: without a password.
func (c config) ledgerName() string {
	if !sqlledger.OnServer(c.Ledger) {
		return c.Ledger
	}
	u, err := url.Parse(c.Ledger)
	if err != nil {
		return "postgres://…"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// ledgerOptions are those of every command that opens the ledger.
func (c config) ledgerOptions(log *slog.Logger) (sqlledger.Options, error) {
	o := sqlledger.Options{Log: log}
	for _, ref := range c.LedgerKeys {
		k, err := ledgerKey(ref)
		if err != nil {
			return o, err
		}
		o.Keys = append(o.Keys, k)
	}
	return o, nil
}

// ledgerURL is how the ledger is opened.
func (c config) ledgerURL() string {
	if path := c.ledgerPath(); path != "" {
		return "sqlite:" + path
	}
	return c.Ledger
}

// suggest returns " (did you mean X?)" for the closest known word, or "".
func suggest(got string, known []string) string {
	best, at := "", 4
	for _, k := range known {
		if d := distance(got, k); d < at {
			best, at = k, d
		}
	}
	if best == "" {
		return "; known: " + strings.Join(known, ", ")
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// newLog makes the log. Customer text never reaches it.
// newLog makes the one logger of the program. Everything it writes has gone
// through redact: what a customer said about themselves reaches no log.
func newLog(c config, s streams) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // checked by config.check
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(redact.Handler(slog.NewJSONHandler(s.err, opts)))
	}
	return slog.New(redact.Handler(slog.NewTextHandler(s.err, opts)))
}
