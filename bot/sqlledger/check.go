package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// rules are what holds between the tables after every transaction. Each query
// finds a conversation of which it does not hold.
var rules = []struct{ query, broken string }{
	{`SELECT id FROM conversation WHERE pending <> (SELECT COUNT(*) FROM inbox WHERE inbox.conversation = conversation.id AND turn = 0) LIMIT 1`,
		"its count of messages without an answer is wrong"},
	{`SELECT id FROM conversation WHERE (pending > 0) <> (due IS NOT NULL) LIMIT 1`,
		"what is pending there would never be answered, or what is not would be"},
	{`SELECT id FROM conversation WHERE last_event < (SELECT COALESCE(MAX(seq), 0) FROM event WHERE event.conversation = conversation.id) LIMIT 1`,
		"it would give a number of its transcript twice"},
	{`SELECT conversation FROM inbox WHERE turn = 0 AND NOT EXISTS (SELECT 1 FROM event WHERE event.conversation = inbox.conversation AND event.seq = inbox.seq) LIMIT 1`,
		"a message without an answer has no text"},
	{`SELECT conversation FROM outbox WHERE settled IS NULL AND NOT EXISTS (SELECT 1 FROM event WHERE event.conversation = outbox.conversation AND event.seq = outbox.seq) LIMIT 1`,
		"a reply that was not sent has no text"},
	{`SELECT conversation FROM outbox WHERE settled IS NULL GROUP BY conversation HAVING COUNT(due) <> 1 LIMIT 1`,
		"its unsent replies have no head, or two"},
}

// Check reads the whole database and reports damage: of the file, as far as the
// database can tell, and of what must hold between the tables. It does not stop
// others from writing.
func (l *Ledger) Check(ctx context.Context) error {
	if l.file != nil {
		if err := l.file.check(ctx, "integrity_check"); err != nil {
			return err
		}
	}
	for _, r := range rules {
		var id int64
		switch err := l.read.QueryRowContext(ctx, r.query).Scan(&id); {
		case err == nil:
			return fmt.Errorf("check ledger: %w: conversation %d: %s: restore a backup", errDamaged, id, r.broken)
		case !errors.Is(err, sql.ErrNoRows):
			return l.db.explain("check", err)
		}
	}
	return nil
}
