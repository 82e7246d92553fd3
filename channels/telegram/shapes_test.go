package telegram

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http/httptest"
)

// errNotTold is what a webhook call that was not answered 200 means.
var errNotTold = errors.New("not acknowledged")

// hook posts an update as Telegram does.
func hook(c *Channel, secret string, u map[string]any) *httptest.ResponseRecorder {
	body, _ := json.Marshal(u)
	r := httptest.NewRequest("POST", "/telegram", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(secretHeader, secret)
	rec := httptest.NewRecorder()
	c.Handler().ServeHTTP(rec, r)
	return rec
}

// Shapes of updates, as the public documentation of the Bot API has them.

func private(chat int64, message int, text string) map[string]any {
	return map[string]any{
		"message_id": message, "date": 1_790_000_000, "text": text,
		"from": map[string]any{"id": chat, "is_bot": false, "first_name": "하늘", "language_code": "ko"},
		"chat": map[string]any{"id": chat, "type": "private", "first_name": "하늘"},
	}
}

func with(m map[string]any, pairs ...any) map[string]any {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(m, pairs[i].(string))
		} else {
			m[pairs[i].(string)] = pairs[i+1]
		}
	}
	return m
}

func update(id int64, kind string, what any) map[string]any {
	return map[string]any{"update_id": id, kind: what}
}

func group(chat int64, message int, text string) map[string]any {
	return with(private(7, message, text), "chat", map[string]any{"id": chat, "type": "supergroup", "title": "모임"})
}

// pressed is the press on a button of a message as it is shown now.
func pressed(p *posted, user int64, data string) map[string]any {
	return map[string]any{
		"id": rand.Text(), "data": data, "chat_instance": "1", "message": p.message(),
		"from": map[string]any{"id": user, "is_bot": false, "first_name": "하늘", "language_code": "ko"},
	}
}
