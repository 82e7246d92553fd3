package web

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestForgery counts what gets in of proofs and tokens that are forged, expired,
// cut short or meant for somebody else: none.
func TestForgery(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := []byte("a secret shared with the brand's server")
	now := time.Unix(1_800_000_000, 0)
	id := Identity{Mode: "require", HS256: shared, EdDSA: public, HMAC: shared}
	clock := now
	c := &Channel{o: Options{Secrets: [][]byte{[]byte("a secret of this server, long enough")}, Now: func() time.Time { return clock }}}
	proof := func(method jwt.SigningMethod, key any, claims jwt.RegisteredClaims) string {
		s, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	right := jwt.RegisteredClaims{Subject: "customer-7", Audience: jwt.ClaimStrings{"pk_test"}, ExpiresAt: jwt.NewNumericDate(now.Add(10 * time.Minute))}
	signed := []string{proof(jwt.SigningMethodHS256, shared, right), proof(jwt.SigningMethodEdDSA, private, right)}
	for _, s := range signed {
		if user, err := id.prove("pk_test", sessionCall{JWT: s}, now); user != "customer-7" || err != nil {
			t.Fatalf("a right proof: %q, %v", user, err)
		}
	}
	token, err := c.seal("access", access{Thread: "v1", Key: "pk_test", Until: now.Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, shared)
	mac.Write([]byte("customer-7"))
	hash := mac.Sum(nil)
	dice := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for i := range n {
		switch i % 6 {
		case 0, 1: // a signed proof with one letter changed
			if user, err := id.prove("pk_test", sessionCall{JWT: bend(dice, signed[i%2])}, now); user != "" || err == nil {
				accepted++
			}
		case 2: // a replayed one: expired, or for another page
			claims := right
			claims.ExpiresAt = jwt.NewNumericDate(now.Add(-clockSkew - time.Duration(1+dice.IntN(1e6))*time.Second))
			if dice.IntN(2) == 0 {
				claims = right
				claims.Audience = jwt.ClaimStrings{"pk_else"}
			}
			if user, err := id.prove("pk_test", sessionCall{JWT: proof(jwt.SigningMethodHS256, shared, claims)}, now); user != "" || err == nil {
				accepted++
			}
		case 3: // another name under a right hash, or a hash with one bit changed
			call := sessionCall{User: "customer-8", Hash: hex.EncodeToString(hash)}
			if dice.IntN(2) == 0 {
				sum := append([]byte{}, hash...)
				sum[dice.IntN(len(sum))] ^= 1 << dice.IntN(8)
				call = sessionCall{User: "customer-7", Hash: hex.EncodeToString(sum)}
			}
			if user, err := id.prove("pk_test", call, now); user != "" || err == nil {
				accepted++
			}
		case 4: // a session's token with one letter changed, or cut short
			forged := bend(dice, token)
			if dice.IntN(2) == 0 {
				forged = token[:dice.IntN(len(token))]
			}
			if _, err := c.readAccess(forged); err == nil {
				accepted++
			}
		case 5: // a true one, too late or as something else
			clock = now.Add(time.Hour + time.Duration(1+dice.IntN(1e6))*time.Second)
			if _, err := c.readAccess(token); err == nil {
				accepted++
			}
			clock = now
			if _, err := c.readVisitor(token, "pk_test"); err == nil {
				accepted++
			}
		}
	}
	if accepted != 0 {
		t.Fatalf("%d of %d got in", accepted, n)
	}
}

// bend changes one letter of a token, in a way that changes what it says: the
// last letter of a part holds bits that nobody reads.
func bend(dice *rand.Rand, token string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for {
		b := []byte(token)
		b[dice.IntN(len(b))] = letters[dice.IntN(len(letters))]
		if said(string(b)) != said(token) {
			return string(b)
		}
	}
}

// said is a token's content: its parts as bytes.
func said(token string) string {
	var all []string
	for part := range strings.SplitSeq(token, ".") {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return "broken: " + token
		}
		all = append(all, string(raw))
	}
	return strings.Join(all, "|")
}
