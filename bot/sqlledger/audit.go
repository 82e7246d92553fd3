package sqlledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// An Act is something that only a privileged person may do, as it is kept.
type Act struct {
	Seq    int64     `json:"seq"` // from 1, without a gap
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`            // who did it
	Act    string    `json:"act"`              // erase, lock, read, export, key …
	Object string    `json:"object"`           // what it was done to; nothing by which an erased customer could be found again
	Reason string    `json:"reason,omitempty"` // why
	Hash   string    `json:"hash"`             // hex SHA-256 of this line and the hash before it
}

// ErrAudit: the audit log was changed, cut or put in another order.
var ErrAudit = errors.New("the audit log is not as it was written")

// chain is the hash of a line that follows one with the hash before.
func (a Act) chain(before string) string {
	a.Hash, a.At = before, a.At.UTC()
	line, _ := json.Marshal(a) // strings, a number and a time: never fails
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// Audit adds a line to the audit log. It is durable when Audit returns: a
// privileged act is written down before it is done.
func (l *Ledger) Audit(ctx context.Context, actor, act, object, reason string) (Act, error) {
	a := Act{Actor: actor, Act: act, Object: object, Reason: reason}
	err := l.do(ctx, "audit", func(tx *tx) error {
		var before string
		a.Seq = 0
		if _, err := tx.row(`SELECT value FROM meta WHERE name = 'epoch'`+tx.lock, nil, &before); err != nil { // one at a time: the last line cannot be locked against a next
			return err
		}
		before = ""
		if _, err := tx.row(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`, nil, &a.Seq, &before); err != nil {
			return err
		}
		a.Seq++
		a.At = time.UnixMicro(l.micros()).UTC()
		a.Hash = a.chain(before)
		_, err := tx.exec(`INSERT INTO audit (seq, at, actor, act, object, reason, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			a.Seq, a.At.UnixMicro(), a.Actor, a.Act, a.Object, a.Reason, a.Hash)
		return err
	})
	return a, err
}

// Acts returns the audit log after a line, oldest first, at most limit. The
// error wraps ErrAudit when a line is not as it was written; the lines before it
// are returned. Only a hash that was kept elsewhere shows that the end was cut
// off, so keep the last one elsewhere.
func (l *Ledger) Acts(ctx context.Context, after int64, limit int) ([]Act, error) {
	before := ""
	if after > 0 {
		err := l.read.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = $1`, after).Scan(&before)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("line %d is missing: %w", after, ErrAudit)
		}
		if err != nil {
			return nil, l.db.explain("audit", err)
		}
	}
	all, err := list(ctx, l, "audit", func(rows *sql.Rows) (a Act, err error) {
		var at int64
		err = rows.Scan(&a.Seq, &at, &a.Actor, &a.Act, &a.Object, &a.Reason, &a.Hash)
		a.At = time.UnixMicro(at).UTC()
		return a, err
	}, `SELECT seq, at, actor, act, object, reason, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, after, max(limit, 0))
	if err != nil {
		return nil, err
	}
	for i, a := range all {
		if want := after + int64(i) + 1; a.Seq != want || a.chain(before) != a.Hash {
			return all[:i], fmt.Errorf("line %d: %w", want, ErrAudit)
		}
		before = a.Hash
	}
	return all, nil
}
