package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/channels/edge"
)

const (
	batchMax  = 100      // updates of one call, Telegram's own limit
	answerMax = 64 << 20 // bytes of one answer
	lanes     = 16       // chats whose updates are taken in at once
)

// errWebhook says that the bot cannot be polled because a webhook is set.
var errWebhook = errors.New("a webhook is set for this bot; delete it before polling, or set webhook secrets")

// errConflict says that another process polls the bot.
var errConflict = errors.New("another process asks for the updates of this bot")

// poll asks for updates while this process leads, until ctx ends.
func (c *Channel) poll(ctx context.Context) error {
	for ctx.Err() == nil {
		held, release := ctx, func() {}
		if c.o.Leader != nil {
			var err error
			if held, release, err = c.o.Leader(ctx); err != nil {
				c.o.Log.Warn("no leader yet", "channel", Name, "error", err)
				edge.Sleep(ctx, c.pace.retry)
				continue
			}
		}
		err := c.lead(ctx, held)
		release()
		if err != nil {
			return err
		}
	}
	return nil
}

// lead polls until the right to do so ends. Waiting for the answer to a call
// ends at once then; what has been handed over is finished.
//
// An offset confirms everything before it, so it moves only past updates that
// are in safe keeping. It is used to confirm and then forgotten: after a week
// of silence the next IDs are random, and an old offset may be beyond them.
func (c *Channel) lead(ctx, held context.Context) error {
	var offset int64
	wait, first := c.pace.retry, true
	for ctx.Err() == nil && held.Err() == nil {
		batch, err := c.updates(held, offset)
		if held.Err() != nil {
			return nil
		}
		if errors.Is(err, errWebhook) && first {
			return fmt.Errorf("telegram: %w", err)
		}
		taken := 0
		if err == nil {
			first = false
			offset = 0
			taken, err = c.takeAll(held, batch)
			if taken > 0 {
				offset = batch[taken-1].ID + 1
			}
		}
		if err == nil || taken > 0 {
			wait = c.pace.retry
		}
		if err != nil {
			c.o.Log.Warn("updates not taken", "channel", Name, "taken", taken, "error", err)
			pause := max(wait, waitIn(err))
			if errors.Is(err, errConflict) || errors.Is(err, errWebhook) {
				pause = max(pause, c.pace.conflict)
			}
			if !edge.Sleep(held, pause) {
				return nil
			}
			wait = min(wait*2, c.pace.slowest)
		}
	}
	return nil
}

// waitIn is the wait an error names, or 0.
func waitIn(err error) time.Duration {
	var w *edge.WaitError
	if errors.As(err, &w) {
		return w.RetryAfter()
	}
	return 0
}

// A parcel is an update that has not been looked at, with its ID.
type parcel struct {
	ID  int64 `json:"update_id"`
	raw json.RawMessage
}

// UnmarshalJSON keeps the update as it came.
func (p *parcel) UnmarshalJSON(b []byte) error {
	type id parcel
	p.raw = bytes.Clone(b)
	return json.Unmarshal(b, (*id)(p))
}

// updates makes one call of getUpdates, which confirms all before the offset.
// The library's own loop confirms before a handler has finished, so this is
// ours.
func (c *Channel) updates(ctx context.Context, offset int64) ([]parcel, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Wait+10*time.Second)
	defer cancel()
	call, err := json.Marshal(struct {
		Offset  int64    `json:"offset,omitempty"`
		Limit   int      `json:"limit"`
		Timeout int      `json:"timeout"`
		Allowed []string `json:"allowed_updates"`
	}{offset, batchMax, int(c.o.Wait / time.Second), allowed})
	if err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.Server+"/bot"+string(c.o.Token)+"/getUpdates", bytes.NewReader(call))
	if err != nil {
		return nil, fmt.Errorf("getUpdates: %w", c.hide(err))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client().Do(req)
	if err != nil {
		return nil, fmt.Errorf("getUpdates: %w", c.hide(err))
	}
	defer resp.Body.Close()
	var answer struct {
		OK          bool     `json:"ok"`
		Result      []parcel `json:"result"`
		Code        int      `json:"error_code"`
		Description string   `json:"description"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, answerMax)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("getUpdates: status %d: %w", resp.StatusCode, c.hide(err))
	}
	switch {
	case answer.OK:
		return answer.Result, nil
	case answer.Code == http.StatusConflict && strings.Contains(answer.Description, "webhook"):
		return nil, errWebhook
	case answer.Code == http.StatusConflict:
		return nil, errConflict
	}
	wait := time.Duration(min(max(answer.Parameters.RetryAfter, 0), 3600)) * time.Second
	return nil, edge.Later(fmt.Errorf("getUpdates: %d %s", answer.Code, c.hide(errors.New(answer.Description))), wait)
}

// takeAll takes a batch in and returns how many from its beginning are in safe
// keeping. Chats do not wait for each other; within a chat the order is kept,
// and what follows an update that was refused waits for it.
func (c *Channel) takeAll(ctx context.Context, batch []parcel) (taken int, err error) {
	rows := make(map[int64][]int)
	var order []int64
	for i, p := range batch {
		chat := chatOf(p.raw)
		if rows[chat] == nil {
			order = append(order, chat)
		}
		rows[chat] = append(rows[chat], i)
	}
	faults := make([]error, len(batch))
	var all sync.WaitGroup
	free := make(chan struct{}, lanes)
	for _, chat := range order {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			for _, i := range rows[chat] {
				within, cancel := context.WithTimeout(ctx, c.o.Answer)
				faults[i] = c.take(within, batch[i].raw)
				cancel()
				if faults[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for i, fault := range faults {
		if fault != nil {
			return i, fault
		}
	}
	return len(batch), nil
}

// chatOf names the chat of an update as far as order is concerned; 0 if none.
func chatOf(raw json.RawMessage) int64 {
	type message struct {
		Chat struct {
			ID int64 `json:"id"`
		} `json:"chat"`
	}
	var u struct {
		Message        *message `json:"message"`
		Edited         *message `json:"edited_message"`
		Business       *message `json:"business_message"`
		EditedBusiness *message `json:"edited_business_message"`
		Query          *struct {
			Message *message `json:"message"`
		} `json:"callback_query"`
	}
	_ = json.Unmarshal(raw, &u) // what cannot be read has no chat to wait for
	if u.Query != nil {
		u.Message = u.Query.Message
	}
	for _, m := range []*message{u.Message, u.Edited, u.Business, u.EditedBusiness} {
		if m != nil {
			return m.Chat.ID
		}
	}
	return 0
}
