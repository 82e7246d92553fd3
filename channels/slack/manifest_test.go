package slack

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
)

func TestManifest(t *testing.T) {
	for _, socket := range []bool{false, true} {
		var m slackgo.Manifest
		if err := json.Unmarshal([]byte(Manifest("https://care.example/slack", socket)), &m); err != nil {
			t.Fatalf("socket %v: %v", socket, err)
		}
		if m.Display.Name != "Onki" || m.Features.AgentView == nil || m.Features.AgentView.AgentDescription == "" || !m.Features.AppHome.MessagesTabEnabled {
			t.Errorf("socket %v: %+v", socket, m)
		}
		if m.Settings.SocketModeEnabled != socket || !m.Settings.Interactivity.IsEnabled {
			t.Errorf("socket %v: settings %+v", socket, m.Settings)
		}
		want := "https://care.example/slack"
		if socket {
			want = ""
		}
		if m.Settings.EventSubscriptions.RequestUrl != want || m.Settings.Interactivity.RequestUrl != want {
			t.Errorf("socket %v: addresses %q %q", socket, m.Settings.EventSubscriptions.RequestUrl, m.Settings.Interactivity.RequestUrl)
		}
		for _, e := range []string{"app_mention", "message.im", "message.channels", "message.groups", "message.mpim", "app_home_opened", "agent_session_stopped"} {
			if !slices.Contains(m.Settings.EventSubscriptions.BotEvents, e) {
				t.Errorf("no subscription to %s", e)
			}
		}
		for _, s := range []string{"chat:write", "app_mentions:read", "im:history", "channels:history", "files:read", "assistant:write"} {
			if !slices.Contains(m.OAuthConfig.Scopes.Bot, s) {
				t.Errorf("no scope %s", s)
			}
		}
	}
	if text := Manifest("", true); !strings.Contains(text, `"messages_tab_read_only_enabled":false`) && !strings.Contains(text, `"messages_tab_read_only_enabled": false`) {
		t.Error("customers could not write to the app")
	}
}

func TestManifestURL(t *testing.T) {
	u, err := url.Parse(App{Name: "하늘마켓 상담", Lang: "ko", URL: "https://care.example/a?b=c&d"}.ManifestURL())
	if err != nil {
		t.Fatal(err)
	}
	var m slackgo.Manifest
	if err := json.Unmarshal([]byte(u.Query().Get("manifest_json")), &m); err != nil {
		t.Fatal(err)
	}
	if u.Host != "api.slack.com" || u.Query().Get("new_app") != "1" || m.Display.Name != "하늘마켓 상담" || m.Settings.Interactivity.RequestUrl != "https://care.example/a?b=c&d" {
		t.Errorf("%s: %+v", u, m.Display)
	}
	if len(m.Features.AgentView.SuggestedPrompts) != 1 || m.Features.AgentView.SuggestedPrompts[0].Title != "상담원 연결" {
		t.Errorf("prompts %+v", m.Features.AgentView.SuggestedPrompts)
	}
}

func TestScopes(t *testing.T) {
	w, c := sender(t)
	w.scopes = "chat:write,app_mentions:read, im:history,channels:history,groups:history,mpim:history,files:read"
	missing, err := c.Scopes(t.Context(), "")
	if err != nil || !slices.Equal(missing, []string{"assistant:write", "users:read"}) {
		t.Fatalf("missing %v, %v", missing, err)
	}
	w.fault = only("auth.test", fault{code: "token_revoked"})
	if _, err := c.Scopes(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "install the app again") {
		t.Fatalf("%v; want the remedy", err)
	}
}
