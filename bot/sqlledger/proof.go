package sqlledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/onkihq/onki/bot"
)

// fragmentMin and fragmentMax bound a fragment, in bytes: shorter ones occur by
// chance, longer ones prove nothing more.
const (
	fragmentMin = 24
	fragmentMax = 64
)

// Fragments are pieces of what is stored of the conversations, word for word as
// it lies in the database, by which Scan can tell afterwards whether anything is
// left: the end of each line of transcript, journal and session, where the times
// stand to a fraction of a second, and the name at the beginning of what is
// remembered of the customer. No other conversation shares them.
func (l *Ledger) Fragments(ctx context.Context, all []bot.Address) ([]string, error) {
	var out []string
	for _, a := range all {
		for _, query := range []string{
			`SELECT event.body FROM event JOIN conversation ON conversation.id = event.conversation WHERE conversation.channel = $1 AND conversation.thread = $2 AND event.kind <> 'owner'`,
			`SELECT entry.body FROM entry JOIN conversation ON conversation.id = entry.conversation WHERE conversation.channel = $1 AND conversation.thread = $2`,
			`SELECT session FROM conversation WHERE channel = $1 AND thread = $2`,
			`SELECT rating.body FROM rating JOIN conversation ON conversation.id = rating.conversation WHERE conversation.channel = $1 AND conversation.thread = $2`,
			`SELECT customer.body FROM customer JOIN conversation ON conversation.channel = $1 AND conversation.thread = $2
				WHERE conversation.person <> '' AND customer.id = conversation.channel || ':user:' || conversation.person OR customer.id = conversation.channel || ':thread:' || conversation.thread`,
		} {
			bodies, err := l.texts(ctx, query, a.Channel, a.Thread)
			if err != nil {
				return nil, err
			}
			for _, b := range bodies {
				if name, _, ok := strings.Cut(b, `","rev":`); ok && strings.HasPrefix(b, `{"id":"`) { // a customer: their name, since what follows may be like another's
					b = name + `","rev":`
				}
				if len(b) >= fragmentMin && !strings.HasSuffix(b, `"0001-01-01T00:00:00Z"}`) { // without a time it could be another's
					out = append(out, b[max(0, len(b)-fragmentMax):])
				}
			}
		}
	}
	return out, nil
}

func (l *Ledger) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, l.db.explain("scan", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, l.db.explain("scan", err)
		}
		out = append(out, s)
	}
	return out, l.db.explain("scan", rows.Err())
}

// Scan looks for the fragments in everything that is stored: in SQLite byte by
// byte through the file and its log, on a server through every column that holds
// text. It returns how many were found and how many bytes were read.
func (l *Ledger) Scan(ctx context.Context, fragments []string) (found int, scanned int64, err error) {
	if l.file != nil {
		for _, name := range []string{l.file.path, l.file.path + "-wal"} {
			n, size, err := scanFile(name, fragments)
			if err != nil {
				return 0, 0, fmt.Errorf("scan: %w", err)
			}
			found, scanned = found+n, scanned+size
		}
		return found, scanned, nil
	}
	for _, column := range []string{"event.body", "entry.body", "conversation.session", "conversation.opening", "customer.body", "rating.body", "outbox.failure"} {
		table, _, _ := bytes.Cut([]byte(column), []byte("."))
		var size int64
		if err := l.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(OCTET_LENGTH(`+column+`)), 0) FROM `+string(table)).Scan(&size); err != nil {
			return 0, 0, l.db.explain("scan", err)
		}
		scanned += size
		for _, f := range fragments {
			var n int
			if err := l.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+string(table)+` WHERE POSITION(CAST($1 AS TEXT) IN `+column+`) > 0`, f).Scan(&n); err != nil {
				return 0, 0, l.db.explain("scan", err)
			}
			found += n
		}
	}
	return found, scanned, nil
}

// scanFile counts the fragments that are in the file. Pieces of the file overlap
// by the length of a fragment.
func scanFile(name string, fragments []string) (found int, size int64, err error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	left := make(map[string]bool, len(fragments))
	for _, s := range fragments {
		left[s] = true
	}
	buf := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := f.Read(buf[kept:])
		size += int64(n)
		for s := range left {
			if bytes.Contains(buf[:kept+n], []byte(s)) {
				delete(left, s)
				found++
			}
		}
		if errors.Is(err, io.EOF) {
			return found, size, nil
		}
		if err != nil {
			return 0, 0, err
		}
		all := kept + n
		kept = min(all, fragmentMax)
		copy(buf, buf[all-kept:all])
	}
}
