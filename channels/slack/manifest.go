package slack

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"net/url"
)

// The app as Slack is to make it: scopes, events and views, without names and
// addresses.
//
//go:embed manifest.json
var manifestText []byte

// App says how the Slack app is to be made.
type App struct {
	Name   string // what the bot is called; "" means "Onki"
	Lang   string // language of its description; "" means "en"
	URL    string // where Slack calls Handler; not used with Socket
	Socket bool   // Socket Mode: no public address is needed
}

// manifest is as much of an app manifest as is written here.
type manifest struct {
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Color       string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		Bot struct {
			Name   string `json:"display_name"`
			Online bool   `json:"always_online"`
		} `json:"bot_user"`
		Home  json.RawMessage `json:"app_home"`
		Agent struct {
			Description string   `json:"agent_description"`
			Prompts     []prompt `json:"suggested_prompts"`
		} `json:"agent_view"`
	} `json:"features"`
	OAuth    json.RawMessage `json:"oauth_config"`
	Settings struct {
		Events struct {
			URL    string   `json:"request_url,omitempty"`
			Events []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Clicks struct {
			Enabled bool   `json:"is_enabled"`
			URL     string `json:"request_url,omitempty"`
		} `json:"interactivity"`
		Org      bool `json:"org_deploy_enabled"`
		Socket   bool `json:"socket_mode_enabled"`
		Rotation bool `json:"token_rotation_enabled"`
	} `json:"settings"`
}

type prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// Manifest returns the app manifest, JSON to be pasted at api.slack.com/apps.
// url is where Slack reaches Handler; with socket it is not needed.
func Manifest(url string, socket bool) string { return App{URL: url, Socket: socket}.Manifest() }

// ManifestURL returns an address that makes the app in one click.
func ManifestURL(url string, socket bool) string { return App{URL: url, Socket: socket}.ManifestURL() }

// Manifest returns the manifest of the app.
func (a App) Manifest() string { return string(a.encode(json.MarshalIndent)) }

// ManifestURL returns an address that makes the app in one click.
func (a App) ManifestURL() string {
	text := a.encode(func(v any, _, _ string) ([]byte, error) { return json.Marshal(v) })
	return "https://api.slack.com/apps?new_app=1&manifest_json=" + url.QueryEscape(string(text))
}

func (a App) encode(marshal func(v any, prefix, indent string) ([]byte, error)) []byte {
	var m manifest
	w, err := readWords(nil)
	if err == nil {
		err = json.Unmarshal(manifestText, &m)
	}
	if err != nil {
		return nil // embedded files, checked by a test
	}
	lang, name := cmp.Or(a.Lang, "en"), cmp.Or(a.Name, "Onki")
	m.Display.Name, m.Features.Bot.Name = clip(name, 35), clip(name, 80)
	m.Display.Description = clip(w.Say(lang, "describe"), 140)
	m.Features.Agent.Description = clip(w.Say(lang, "describe"), 300)
	m.Features.Agent.Prompts = []prompt{{w.Say(lang, "human-title"), w.Say(lang, "human")}}
	m.Settings.Socket = a.Socket
	if !a.Socket {
		m.Settings.Events.URL, m.Settings.Clicks.URL = a.URL, a.URL
	}
	text, err := marshal(m, "", "  ")
	if err != nil {
		return nil // strings and booleans: cannot fail
	}
	return text
}
