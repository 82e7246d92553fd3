package web

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenMax is the longest life of a JWT we take. A proof that can be used for
// days can be stolen for days.
const tokenMax = 15 * time.Minute

// userMax is the longest name of a user, in bytes.
const userMax = 200

// prove returns the name of the user the call proves, "" when it offers no
// proof or none is asked for, and an error when the proof is wrong.
func (id Identity) prove(key string, call sessionCall, now time.Time) (user string, err error) {
	if id.Mode != "verify" && id.Mode != "require" {
		return "", nil
	}
	switch {
	case call.JWT != "":
		return id.proveJWT(key, call.JWT, now)
	case call.Hash != "" || call.User != "":
		return id.proveHMAC(call.User, call.Hash)
	}
	return "", nil
}

// proveHMAC checks the easy start: hex HMAC-SHA256 of the user's name.
func (id Identity) proveHMAC(user, hash string) (string, error) {
	given, err := hex.DecodeString(hash)
	if err != nil || len(id.HMAC) == 0 || user == "" || len(user) > userMax {
		return "", errToken
	}
	h := hmac.New(sha256.New, id.HMAC)
	h.Write([]byte(user))
	if !hmac.Equal(given, h.Sum(nil)) {
		return "", errToken
	}
	return user, nil
}

// proveJWT checks a token made by the brand's server: signed with EdDSA or
// HS256 and nothing else, for us, not too old and not too long-lived.
func (id Identity) proveJWT(key, token string, now time.Time) (string, error) {
	if len(token) > 8192 {
		return "", errToken
	}
	var methods []string
	if len(id.HS256) > 0 {
		methods = append(methods, jwt.SigningMethodHS256.Alg())
	}
	if len(id.EdDSA) > 0 {
		methods = append(methods, jwt.SigningMethodEdDSA.Alg())
	}
	if len(methods) == 0 {
		return "", errToken
	}
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		switch t.Method.Alg() {
		case jwt.SigningMethodHS256.Alg():
			return id.HS256, nil
		case jwt.SigningMethodEdDSA.Alg():
			return id.EdDSA, nil
		}
		return nil, errToken
	}, jwt.WithValidMethods(methods), jwt.WithAudience(cmp.Or(id.Audience, key)), jwt.WithExpirationRequired(),
		jwt.WithLeeway(clockSkew), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return "", fmt.Errorf("check JWT: %w", errors.Join(errToken, err))
	}
	if claims.Subject == "" || len(claims.Subject) > userMax || claims.ExpiresAt.Sub(now) > tokenMax+clockSkew {
		return "", errToken
	}
	return claims.Subject, nil
}
