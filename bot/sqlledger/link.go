package sqlledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// One customer over several channels, by proof alone: what is handed out in one
// conversation and brought back in another shows that both are the same person.

// OfferLink returns a token, fit for a deep link, that links whoever brings it
// to the customer of the conversation, who is called user on its channel. It
// can be used once until then. The database keeps its hash.
func (l *Ledger) OfferLink(ctx context.Context, a bot.Address, user string, until time.Time) (token string, err error) {
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails
	token = base64.RawURLEncoding.EncodeToString(random)
	return token, l.about(ctx, "offer link in "+a.String(), a, func(tx *tx, id int64) error {
		if err := named(tx, id, user); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM pass WHERE until < $1`, l.micros()); err != nil {
			return err
		}
		_, err := tx.exec(`INSERT INTO pass (token, customer, channel, thread, until) VALUES ($1, $2, $3, $4, $5)`,
			hashed(token), a.Customer(user), a.Channel, a.Thread, until.UnixMicro())
		return err
	})
}

// named notes whose conversation it is, for one in which nobody has written yet.
func named(tx *tx, id int64, user string) error {
	_, err := tx.exec(`UPDATE conversation SET person = $1 WHERE id = $2 AND person = ''`, user, id)
	return err
}

// usedBy begins the customer of a token that was used, before the one who used it.
const usedBy = "used:"

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// RedeemLink links the customer who brought the token, called user in the
// conversation a, to the one it was handed out to: from then on both are
// remembered as one. A conversation without a turn of its own goes on where the
// other stood. False means that the token is none, was used by somebody else or
// is too old; who has used it may ask again, which changes nothing. Whoever
// calls it has asked the customer first.
func (l *Ledger) RedeemLink(ctx context.Context, token string, a bot.Address, user string) (linked bool, err error) {
	err = l.about(ctx, "redeem link in "+a.String(), a, func(tx *tx, id int64) error {
		linked = false
		var from string
		var b bot.Address
		found, err := tx.row(`SELECT customer, channel, thread FROM pass WHERE token = $1 AND until >= $2`+tx.lock,
			[]any{hashed(token), l.micros()}, &from, &b.Channel, &b.Thread)
		if err != nil || !found {
			return err
		}
		if by, used := strings.CutPrefix(from, usedBy); used {
			linked = by == a.Customer(user) // whoever asks again because the answer was lost
			return nil
		}
		linked = true
		if err := named(tx, id, user); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE pass SET customer = $1 WHERE token = $2`, usedBy+a.Customer(user), hashed(token)); err != nil {
			return err
		}
		if from, err = remembered(tx, from); err != nil {
			return err
		}
		to := a.Customer(user)
		was, err := remembered(tx, to)
		if err != nil || was == from {
			return err
		}
		if err := l.join(tx, from, was); err != nil {
			return err
		}
		for _, e := range []struct {
			id string
			at bot.Address
		}{{from, b}, {to, a}} {
			if _, err := tx.exec(`INSERT INTO link (id, customer, channel, thread, at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, channel = excluded.channel, thread = excluded.thread, at = excluded.at`,
				e.id, from, e.at.Channel, e.at.Thread, l.micros()); err != nil {
				return err
			}
		}
		// What is being thought about the second was thought about somebody else.
		if _, err := tx.exec(`UPDATE conversation SET fence = fence + 1, holder = '', attempt = 0,
			due = CASE WHEN pending > 0 THEN CAST($1 AS BIGINT) END WHERE id = $2`, l.micros(), id); err != nil {
			return err
		}
		return l.follow(tx, id, b)
	})
	return linked && err == nil, err
}

// remembered returns the ID under which a customer is remembered.
func remembered(tx *tx, id string) (string, error) {
	customer := id
	_, err := tx.row(`SELECT customer FROM link WHERE id = $1`, []any{id}, &customer)
	return customer, err
}

// join makes one customer of two: what was remembered of the second moves to
// the first, and all its names with it.
func (l *Ledger) join(tx *tx, first, second string) error {
	var one, two bot.Customer
	for _, c := range []struct {
		id   string
		into *bot.Customer
	}{{first, &one}, {second, &two}} {
		var body string
		var rev int64
		if _, err := tx.row(`SELECT rev, body FROM customer WHERE id = $1`+tx.lock, []any{c.id}, &rev, &body); err != nil {
			return err
		}
		if body != "" {
			if err := l.codec.unpack(body, c.into); err != nil {
				return fmt.Errorf("customer %s: %w", c.id, err)
			}
		}
		c.into.ID, c.into.Rev = c.id, rev
	}
	one = one.Join(two)
	body, err := l.codec.pack(one)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO customer (id, rev, body) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body`, first, one.Rev, body); err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM customer WHERE id = $1`, second); err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE link SET customer = $1 WHERE customer = $2`, first, second)
	return err
}

// follow lets a conversation without a turn of its own go on where the other
// stood.
func (l *Ledger) follow(tx *tx, id int64, b bot.Address) error {
	var turns int64
	if _, err := tx.row(`SELECT last_turn FROM conversation WHERE id = $1`, []any{id}, &turns); err != nil || turns > 0 {
		return err
	}
	var body string
	if _, err := tx.row(`SELECT session FROM conversation WHERE channel = $1 AND thread = $2`, []any{b.Channel, b.Thread}, &body); err != nil || body == "" {
		return err
	}
	var s bot.Session
	if err := l.codec.unpack(body, &s); err != nil {
		return fmt.Errorf("session of %s: %w", b, err)
	}
	taken, err := l.codec.pack(s.Follow())
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE conversation SET session = $1 WHERE id = $2`, taken, id)
	return err
}

// Unlink parts the customer who is called user in the conversation from all
// their other names. What was remembered stays with the name it was first
// remembered under.
func (l *Ledger) Unlink(ctx context.Context, a bot.Address, user string) error {
	return l.do(ctx, "unlink "+a.String(), func(tx *tx) error {
		id := a.Customer(user)
		if _, err := tx.exec(`DELETE FROM pass WHERE customer = $1`, usedBy+id); err != nil {
			return err // an old token must not seem to link again
		}
		_, err := tx.exec(`DELETE FROM link WHERE id = $1 OR customer = $1`, id)
		return err
	})
}

// Linked returns the conversations of the person who had the one in a, over all
// channels, that one among them. The one under whose name the person is
// remembered comes last, so that erasing them in this order leaves nothing.
func (l *Ledger) Linked(ctx context.Context, a bot.Address) ([]bot.Address, error) {
	persons, err := list(ctx, l, "customer of "+a.String(), func(rows *sql.Rows) (person string, err error) {
		return person, rows.Scan(&person)
	}, `SELECT person FROM conversation WHERE channel = $1 AND thread = $2`, a.Channel, a.Thread)
	if err != nil || len(persons) == 0 {
		return []bot.Address{a}, err
	}
	all, err := l.addresses(ctx, "conversations linked to "+a.String(), `SELECT channel, thread FROM link
		WHERE customer = (SELECT customer FROM link WHERE id = $1) ORDER BY CASE WHEN id = customer THEN 1 ELSE 0 END, at`, a.Customer(persons[0]))
	if err != nil || slices.Contains(all, a) {
		return all, err
	}
	return append([]bot.Address{a}, all...), nil
}
