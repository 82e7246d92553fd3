package sqlledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/onkihq/onki/bot"
)

// Events returns what happened in the conversation; see [bot.Transcript].
func (l *Ledger) Events(ctx context.Context, a bot.Address, after int64, limit int) ([]bot.Event, error) {
	return list(ctx, l, "events of "+a.String(), func(rows *sql.Rows) (bot.Event, error) {
		var e bot.Event
		var body string
		var at int64
		if err := rows.Scan(&e.Seq, &e.Kind, &body, &at); err != nil {
			return e, err
		}
		return e, l.codec.event(&e, body, at)
	}, `SELECT event.seq, event.kind, event.body, event.at FROM event JOIN conversation ON conversation.id = event.conversation
		WHERE conversation.channel = $1 AND conversation.thread = $2 AND event.seq > $3 ORDER BY event.seq LIMIT $4`,
		a.Channel, a.Thread, after, max(limit, 0))
}

func (k codec) event(e *bot.Event, body string, at int64) error {
	switch e.Kind {
	case "message", "event":
		e.Message = new(bot.Message)
		if err := k.unpack(body, e.Message); err != nil {
			return err
		}
		e.Time = e.Message.Time
	case "reply", "draft":
		e.Reply = new(bot.Reply)
		if err := k.unpack(body, e.Reply); err != nil {
			return err
		}
		e.Time = e.Reply.Time
	default:
		e.Owner, e.Time = body, time.UnixMicro(at)
	}
	return nil
}

// Epoch names the stored history; see [bot.Transcript].
func (l *Ledger) Epoch(ctx context.Context) (string, error) {
	var epoch string
	err := l.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&epoch)
	return epoch, l.db.explain("epoch", err)
}

// Entries returns the turns of a conversation; see [bot.Journal].
func (l *Ledger) Entries(ctx context.Context, a bot.Address, after int64, limit int) ([]bot.Entry, error) {
	return list(ctx, l, "entries of "+a.String(), func(rows *sql.Rows) (bot.Entry, error) {
		var e bot.Entry
		var seq int64
		var body string
		if err := rows.Scan(&seq, &body); err != nil {
			return e, err
		}
		err := l.codec.unpack(body, &e)
		e.Seq = seq
		return e, err
	}, `SELECT entry.seq, entry.body FROM entry JOIN conversation ON conversation.id = entry.conversation
		WHERE conversation.channel = $1 AND conversation.thread = $2 AND entry.seq > $3 ORDER BY entry.seq LIMIT $4`,
		a.Channel, a.Thread, after, max(limit, 0))
}

// Conversations returns the sessions updated since then; see [bot.Journal].
func (l *Ledger) Conversations(ctx context.Context, since time.Time, limit int) ([]bot.Session, error) {
	return list(ctx, l, "conversations", func(rows *sql.Rows) (bot.Session, error) {
		var a bot.Address
		var body, owner string
		var epoch int64
		if err := rows.Scan(&a.Channel, &a.Thread, &body, &owner, &epoch); err != nil {
			return bot.Session{}, err
		}
		return l.codec.session(a, body, owner, epoch)
	}, `SELECT channel, thread, session, owner, epoch FROM conversation WHERE last_turn > 0 AND updated >= $1 ORDER BY updated DESC, id LIMIT $2`,
		since.UnixMicro(), max(limit, 0))
}

// list reads rows on a connection that cannot write.
func list[T any](ctx context.Context, l *Ledger, what string, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := l.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, l.db.explain(what, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		out = append(out, one)
	}
	return out, l.db.explain(what, rows.Err())
}
