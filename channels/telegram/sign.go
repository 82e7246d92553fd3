package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// What Telegram gives back of a button is at most 64 bytes, and a changed app
// can send any bytes. So it is signed:
//
//	16 characters   HMAC-SHA256 over place and the rest, its first 12 bytes
//	 1 character    what kind of button it is
//	 up to 47       its ID
const (
	dataMax = 64
	macSize = 16 // characters
)

// The kinds of buttons.
const (
	kindChoice = '=' // the ID of a bot.Choice
	kindLong   = '#' // the hash of one that is too long
	kindOwn    = '!' // one of the channel's own questions
	kindDesk   = '~' // one of the staff desk
)

func mac(key []byte, p place, rest string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(p.String() + "\x00" + rest))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:macSize*3/4])
}

// sign returns the data of a button.
func (c *Channel) sign(p place, kind byte, id string) string {
	if kind == kindChoice && (macSize+1+len(id) > dataMax || strings.ContainsRune(id, 0)) {
		sum := sha256.Sum256([]byte(id))
		short := base64.RawURLEncoding.EncodeToString(sum[:18])
		c.long.at(short).set(id)
		kind, id = kindLong, short
	}
	rest := string(kind) + id
	return mac(c.o.Keys[0], p, rest) + rest
}

// opened reads the data of a button that was pressed in a place. Not ok means
// forged, from another chat, or of a time this process knows nothing about.
func (c *Channel) opened(p place, data string) (kind byte, id string, ok bool) {
	if len(data) <= macSize {
		return 0, "", false
	}
	given, rest := data[:macSize], data[macSize:]
	for _, key := range c.o.Keys {
		ok = hmac.Equal([]byte(given), []byte(mac(key, p, rest))) || ok
	}
	if !ok {
		return 0, "", false
	}
	kind, id = rest[0], rest[1:]
	if kind == kindLong {
		id = c.long.at(id).get()
		kind = kindChoice
	}
	return kind, id, id != ""
}
