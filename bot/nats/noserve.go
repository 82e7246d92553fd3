//go:build !natsserver

package nats

import "errors"

// Serve runs a NATS server in this process. It is left out of the usual build,
// which it would make a fifth larger; then Serve says so.
func Serve(string) (url string, stop func(), err error) {
	return "", nil, errors.New("serve NATS: this program was built without a NATS server: build it with -tags natsserver, or give the URL of one (nats://HOST:4222)")
}
