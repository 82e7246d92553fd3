package nats

import (
	"strings"
	"testing"
	"time"
)

// TestServe: with the tag natsserver there is a server, without it the error
// names the tag.
func TestServe(t *testing.T) {
	url, stop, err := Serve("127.0.0.1:0")
	if err != nil {
		if !strings.Contains(err.Error(), "-tags natsserver") {
			t.Error(err)
		}
		t.Log("built without a NATS server")
		return
	}
	defer stop()
	one, two := open(t, url, "x"), open(t, url, "x")
	connected(t, one)
	connected(t, two)
	hint, end := two.Watch("a")
	defer end()
	one.Wake("a")
	if !heard(t, hint, 20*time.Second) {
		t.Error("no hint over the server within the program")
	}
	if _, _, err := Serve("nowhere"); err == nil {
		t.Error("an address without a port was accepted")
	}
}
