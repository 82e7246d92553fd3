package web

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestIdentity(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := []byte("a secret shared with the brand's server")
	now := time.Now()
	make_ := func(method jwt.SigningMethod, key any, change func(*jwt.RegisteredClaims)) string {
		c := jwt.RegisteredClaims{Subject: "customer-7", Audience: jwt.ClaimStrings{"pk_test"}, ExpiresAt: jwt.NewNumericDate(now.Add(10 * time.Minute))}
		if change != nil {
			change(&c)
		}
		s, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hs, ed := jwt.SigningMethodHS256, jwt.SigningMethodEdDSA
	h := hmac.New(sha256.New, shared)
	h.Write([]byte("customer-7"))
	hash := hex.EncodeToString(h.Sum(nil))
	id := Identity{Mode: "verify", HS256: shared, EdDSA: public, HMAC: shared}
	for _, c := range []struct {
		name string
		call sessionCall
		user string
		bad  bool
	}{
		{"nothing", sessionCall{}, "", false},
		{"HS256", sessionCall{JWT: make_(hs, shared, nil)}, "customer-7", false},
		{"EdDSA", sessionCall{JWT: make_(ed, private, nil)}, "customer-7", false},
		{"HMAC", sessionCall{User: "customer-7", Hash: hash}, "customer-7", false},
		{"HMAC of another", sessionCall{User: "customer-8", Hash: hash}, "", true},
		{"user without hash", sessionCall{User: "customer-7"}, "", true},
		{"hash without user", sessionCall{Hash: hash}, "", true},
		{"no signature", sessionCall{JWT: make_(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)}, "", true},
		{"public key as shared secret", sessionCall{JWT: make_(hs, []byte(public), nil)}, "", true},
		{"HS384", sessionCall{JWT: make_(jwt.SigningMethodHS384, shared, nil)}, "", true},
		{"wrong secret", sessionCall{JWT: make_(hs, []byte("another secret of the same length...."), nil)}, "", true},
		{"expired", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(now.Add(-2 * time.Minute)) })}, "", true},
		{"a clock a little behind", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(now.Add(-20 * time.Second)) })}, "customer-7", false},
		{"too long-lived", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(now.Add(24 * time.Hour)) })}, "", true},
		{"never expires", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.ExpiresAt = nil })}, "", true},
		{"for somebody else", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.Audience = jwt.ClaimStrings{"pk_else"} })}, "", true},
		{"not yet valid", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.NotBefore = jwt.NewNumericDate(now.Add(time.Hour)) })}, "", true},
		{"no name", sessionCall{JWT: make_(hs, shared, func(c *jwt.RegisteredClaims) { c.Subject = "" })}, "", true},
		{"noise", sessionCall{JWT: "a.b.c"}, "", true},
		{"huge", sessionCall{JWT: strings.Repeat("a", 9000)}, "", true},
	} {
		user, err := id.prove("pk_test", c.call, now)
		if user != c.user || (err != nil) != c.bad {
			t.Errorf("%s: user %q, %v", c.name, user, err)
		}
	}
	if user, err := (Identity{HS256: shared}).prove("pk_test", sessionCall{JWT: make_(hs, shared, nil)}, now); user != "" || err != nil {
		t.Errorf("switched off, it proves %q, %v", user, err)
	}
}

func TestRequireShutsOutStrangers(t *testing.T) {
	shared := []byte("a secret shared with the brand's server")
	h := open(t, func(o *Options) { o.Keys[0].Identity = Identity{Mode: "require", HMAC: shared} })
	h.want(401, "POST", "/v1/session", "", sessionCall{Key: "pk_test"}, nil, nil)
	anonymous, err := h.seal("access", access{Thread: "vabc", Key: "pk_test", Until: time.Now().Add(time.Minute).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	h.want(401, "POST", "/v1/messages", anonymous, messageCall{CID: "cid-00001", Kind: "text", Text: "a"}, nil, nil)
	hash := func(user string) string {
		m := hmac.New(sha256.New, shared)
		m.Write([]byte(user))
		return hex.EncodeToString(m.Sum(nil))
	}
	var a, b, again sessionAnswer
	h.want(200, "POST", "/v1/session", "", sessionCall{Key: "pk_test", User: "a", Hash: hash("a")}, &a, nil)
	h.want(200, "POST", "/v1/session", "", sessionCall{Key: "pk_test", User: "b", Hash: hash("b")}, &b, nil)
	h.want(200, "POST", "/v1/identify", "", sessionCall{Key: "pk_test", User: "a", Hash: hash("a")}, &again, nil)
	if a.Thread == b.Thread || a.Thread != again.Thread {
		t.Error("customers are not told apart, or one is not known again on another device")
	}
	if a.Visitor != "" {
		t.Error("a customer who is signed in got a token that opens the conversation without proof")
	}
	h.say(a.Token, "cid-00001", "hello")
	events, err := h.ledger.Events(t.Context(), address(a.Thread), 0, 1)
	if err != nil || len(events) != 1 || events[0].Message.User != "a" {
		t.Errorf("the ledger has %+v, %v", events, err)
	}
}
