package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Scopes asks Slack what the app of an installation may do, and returns what it
// lacks of what the manifest asks for. team is "" for an app in one workspace.
// An error says why Slack could not be asked, with the remedy when one is known.
func (c *Channel) Scopes(ctx context.Context, team string) (missing []string, err error) {
	h, err := c.home(ctx, team)
	if err != nil {
		return nil, err
	}
	answer, err := h.api.AuthTestContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth.test: %w", advise(err))
	}
	var m struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(manifestText, &m); err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	granted := strings.FieldsFunc(answer.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	for _, s := range m.OAuth.Scopes.Bot {
		if !slices.Contains(granted, s) {
			missing = append(missing, s)
		}
	}
	return missing, nil
}
