package sqlledger

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// KeySize is the length of a Key in bytes.
const KeySize = 32

// A Key encrypts what customers say where it lies, with AES-256-GCM. It does not
// print itself.
type Key [KeySize]byte

// String hides the key.
func (Key) String() string { return "***" }

// GoString hides the key.
func (Key) GoString() string { return "***" }

// ID names the key without telling it: a hash, 12 letters long.
func (k Key) ID() string {
	sum := sha256.Sum256(append([]byte("onki/ledger key\n"), k[:]...))
	return hex.EncodeToString(sum[:6])
}

// A sealed body is ~KEY~BASE64: a random nonce, the text and its tag. JSON never
// begins with a tilde, so plain bodies are told apart and stay readable.
const tilde = "~"

// ErrKey: a body is encrypted with a key that is not there, or was changed.
var ErrKey = errors.New("the body cannot be decrypted")

// codec turns what is kept into what is stored and back. The zero codec stores
// it as it is.
type codec struct {
	id   string                 // of the key that seals; "" for none
	keys map[string]cipher.AEAD // all that open
}

// newCodec takes the keys: the first seals, all open.
func newCodec(keys []Key) (codec, error) {
	var c codec
	for i, k := range keys {
		block, err := aes.NewCipher(k[:])
		if err != nil {
			return c, fmt.Errorf("ledger key %d: %w", i+1, err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return c, fmt.Errorf("ledger key %d: %w", i+1, err)
		}
		if i == 0 {
			c.id, c.keys = k.ID(), make(map[string]cipher.AEAD)
		}
		c.keys[k.ID()] = aead
	}
	return c, nil
}

// pack is a value as it is stored.
func (c codec) pack(v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return c.seal(string(body)), nil
}

// unpack reads what pack wrote.
func (c codec) unpack(body string, v any) error {
	text, err := c.open(body)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), v)
}

func (c codec) seal(text string) string {
	if c.id == "" || text == "" {
		return text
	}
	return tilde + c.id + tilde + base64.RawStdEncoding.EncodeToString(c.keys[c.id].Seal(nil, nil, []byte(text), []byte(c.id)))
}

func (c codec) open(body string) (string, error) {
	if !strings.HasPrefix(body, tilde) {
		return body, nil
	}
	id, text, _ := strings.Cut(body[len(tilde):], tilde)
	aead := c.keys[id]
	if aead == nil {
		return "", fmt.Errorf("%w: it needs the key %s: add it to ledger_keys", ErrKey, id)
	}
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return "", fmt.Errorf("%w: it was changed: restore a backup", ErrKey)
	}
	return string(plain), nil
}

// sealable are the columns that hold what customers say and what is thought of
// it, with the names that find a row.
var sealable = []struct{ table, column, where string }{
	{"event", "body", "conversation, seq"},
	{"entry", "body", "conversation, seq"},
	{"conversation", "session", "id, id"},
	{"conversation", "opening", "id, id"},
	{"customer", "body", "id, id"},
	{"rating", "body", "conversation, id"},
	{"locked", "body", "id, id"},
}

// resealMax is how many rows one transaction of Reseal takes, so that others are
// not kept waiting.
const resealMax = 100

// Reseal encrypts everything that is plain or under an older key with the first
// key, a hundred rows at a time while others go on, and returns how many bodies
// there were. When it is done the older keys open nothing any more. Without a
// key it decrypts.
func (l *Ledger) Reseal(ctx context.Context) (n int, err error) {
	for _, s := range sealable {
		for {
			done := 0
			err := l.do(ctx, "reseal "+s.table, func(tx *tx) error {
				done = 0
				return l.reseal(tx, s.table, s.column, s.where, &done)
			})
			if err != nil {
				return n, err
			}
			if n += done; done == 0 {
				break
			}
		}
	}
	return n, l.wipe(ctx, "reseal")
}

// reseal takes some rows of one column.
func (l *Ledger) reseal(tx *tx, table, column, where string, done *int) error {
	prefix := tilde + l.codec.id + tilde
	if l.codec.id == "" {
		prefix = "{" // only sealed ones are looked for
	}
	query := `SELECT ` + where + `, ` + column + ` FROM ` + table + ` WHERE ` + column + ` <> '' AND SUBSTR(` + column + `, 1, ` + strconv.Itoa(len(prefix)) + `) <> $1`
	if l.codec.id == "" {
		query += ` AND SUBSTR(` + column + `, 1, 1) = '` + tilde + `'`
	}
	if table == "event" {
		query += ` AND kind <> 'owner'`
	}
	type row struct {
		a, b any
		body string
	}
	var all []row
	err := tx.rows(query+` LIMIT `+strconv.Itoa(resealMax)+tx.lock, []any{prefix}, func(scan func(...any) error) error {
		var r row
		err := scan(&r.a, &r.b, &r.body)
		all = append(all, r)
		return err
	})
	if err != nil {
		return err
	}
	first, second, _ := strings.Cut(where, ", ")
	for _, r := range all {
		plain, err := l.codec.open(r.body)
		if err != nil {
			return fmt.Errorf("%s %v %v: %w", table, r.a, r.b, err)
		}
		if _, err := tx.exec(`UPDATE `+table+` SET `+column+` = $1 WHERE `+first+` = $2 AND `+second+` = $3`, l.codec.seal(plain), r.a, r.b); err != nil {
			return err
		}
		*done++
	}
	return nil
}
