package slack

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
)

// twins bring together the two events of one mention: the message event, which
// knows the ID, tells it; the mention event waits for it.
type twins struct {
	seen recent[twin]
}

type twin struct {
	mu   sync.Mutex
	id   string
	told chan struct{} // closed once id is set; nil while nobody waits
}

// tell says under which ID the message of this key was heard.
func (t *twins) tell(key, id string) {
	w := t.seen.at(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.id == "" && w.told != nil {
		close(w.told)
	}
	w.id = id
}

// wait returns the ID told for the key within the time, or "".
func (t *twins) wait(ctx context.Context, key string, within time.Duration) string {
	w := t.seen.at(key)
	w.mu.Lock()
	if w.id != "" {
		defer w.mu.Unlock()
		return w.id
	}
	if w.told == nil {
		w.told = make(chan struct{})
	}
	told := w.told
	w.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.id
}

// twin finds the ID of a mention that does not carry it: from the message event
// when that comes to this process, else from the message itself.
func (c *Channel) twin(ctx context.Context, h heard) (string, error) {
	if id := c.twins.wait(ctx, h.key(), c.pace.twin); id != "" {
		return id, nil
	}
	home, err := c.home(ctx, h.team)
	if err != nil {
		return "", err
	}
	found, _, _, err := home.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
		ChannelID: h.Channel, Timestamp: cmp.Or(h.ThreadTS, h.TS), Oldest: h.TS, Latest: h.TS, Inclusive: true, Limit: 3,
	})
	switch {
	case err != nil && refusal(err) != "" && !passing(refusal(err)):
		return h.key(), nil // history may not be read, so no message event can come either
	case err != nil:
		return "", fmt.Errorf("look up mention: %w", err)
	}
	for _, m := range found {
		if m.Timestamp == h.TS && m.ClientMsgID != "" {
			return h.team + "/" + h.Channel + "/" + m.ClientMsgID, nil
		}
	}
	return h.key(), nil
}
