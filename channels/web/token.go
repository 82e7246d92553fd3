package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const (
	accessLife  = 15 * time.Minute
	visitorLife = 180 * 24 * time.Hour
	clockSkew   = time.Minute // how far the clocks of two nodes may differ
)

// errToken means that a token is forged, cut, of another kind or expired.
var errToken = errors.New("the token is not valid")

// access is what an access token says. It is signed, not encrypted: it holds
// no secret, and it is worth nothing after its time.
type access struct {
	Thread string `json:"t"`
	User   string `json:"u,omitempty"`
	Key    string `json:"k"`
	Until  int64  `json:"x"` // Unix seconds
}

// visitor is the part of a visitor token that is signed: the random secret
// that opens one anonymous conversation, and when it was given out.
type visitor struct {
	Secret []byte `json:"s"`
	Key    string `json:"k"`
	Made   int64  `json:"m"`
}

// seal signs a value. The kind keeps one sort of token from passing as another.
func (c *Channel) seal(kind string, v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(c.o.Secrets[0], kind, text)), nil
}

// unseal reads what seal wrote; errToken for anything else.
func (c *Channel) unseal(kind, token string, v any) error {
	text, mac, ok := strings.Cut(token, ".")
	if !ok || len(token) > 4096 {
		return errToken
	}
	given, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil {
		return errToken
	}
	for _, secret := range c.o.Secrets {
		if !hmac.Equal(given, sign(secret, kind, text)) {
			continue
		}
		body, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || json.Unmarshal(body, v) != nil {
			return errToken
		}
		return nil
	}
	return errToken
}

func sign(secret []byte, kind, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("onki/" + kind + "\n" + text))
	return h.Sum(nil)
}

// newVisitor makes a token for somebody we have never seen.
func (c *Channel) newVisitor(key string) (token string, v visitor, err error) {
	v = visitor{Secret: make([]byte, 32), Key: key, Made: c.o.Now().Unix()}
	rand.Read(v.Secret) // never fails since Go 1.24
	token, err = c.seal("visitor", v)
	return token, v, err
}

// readVisitor checks a visitor token against the key it came with.
func (c *Channel) readVisitor(token, key string) (visitor, error) {
	var v visitor
	if err := c.unseal("visitor", token, &v); err != nil {
		return v, err
	}
	now, made := c.o.Now(), time.Unix(v.Made, 0)
	if v.Key != key || len(v.Secret) != 32 || made.After(now.Add(clockSkew)) || now.Sub(made) > visitorLife {
		return v, errToken
	}
	return v, nil
}

// readAccess checks an access token.
func (c *Channel) readAccess(token string) (access, error) {
	var a access
	if err := c.unseal("access", token, &a); err != nil {
		return a, err
	}
	if a.Thread == "" || c.o.Now().After(time.Unix(a.Until, 0)) {
		return a, errToken
	}
	return a, nil
}

// thread names a conversation after a hash, so that neither the visitor's
// token nor who the customer is can be read from the ledger's addresses.
func thread(kind, key, secret string) string {
	sum := sha256.Sum256([]byte("onki/thread\n" + kind + "\n" + key + "\n" + secret))
	return kind + base64.RawURLEncoding.EncodeToString(sum[:])
}
