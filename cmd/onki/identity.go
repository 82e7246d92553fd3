package main

import (
	"cmp"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/onkihq/onki/channels/web"
)

// identity is how pages of the brand prove who a customer is: the mode of the
// configuration, else that of brand.yaml, with the keys of the configuration.
func (b *brand) identity(cfg config) (web.Identity, error) {
	id := web.Identity{Mode: cmp.Or(cfg.Identity, b.Identity, "off"), HS256: []byte(cfg.IdentityJWT), HMAC: []byte(cfg.IdentityHMAC)}
	if cfg.IdentityKey != "" {
		key, err := publicKey(cfg.IdentityKey)
		if err != nil {
			return id, err
		}
		id.EdDSA = key
	}
	switch {
	case id.Mode == "off" && cfg.Identity == "" && (len(id.HS256) > 0 || len(id.HMAC) > 0 || len(id.EdDSA) > 0):
		return id, fmt.Errorf("identity: there is a key but brand.yaml does not use it: write identity: verify, or set ONKI_IDENTITY=off")
	case id.Mode != "off" && len(id.HS256) == 0 && len(id.HMAC) == 0 && len(id.EdDSA) == 0:
		return id, fmt.Errorf("identity: %s needs a key: set ONKI_IDENTITY_KEY_FILE to the brand server's Ed25519 public key, or ONKI_IDENTITY_SECRET, or ONKI_IDENTITY_HMAC", id.Mode)
	}
	return id, nil // web.New checks lengths and mode
}

// publicKey reads an Ed25519 public key as openssl writes it.
func publicKey(text string) (ed25519.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("identity_key: not PEM: write one with openssl genpkey -algorithm ed25519 and openssl pkey -pubout")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("identity_key: %w", err)
	}
	ed, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("identity_key: %T, want an Ed25519 public key", key)
	}
	return ed, nil
}
