//go:build natsserver

package nats

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Serve runs a NATS server in this process at host:port, for this node and
// others, and returns its URL and what ends it. It keeps nothing.
func Serve(addr string) (url string, stop func(), err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, fmt.Errorf("serve NATS at %q: %w: want HOST:PORT", addr, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", nil, fmt.Errorf("serve NATS at %q: want a number as the port: %w", addr, err)
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{ServerName: "onki", Host: host, Port: number, NoSigs: true, NoLog: true})
	if err != nil {
		return "", nil, fmt.Errorf("serve NATS at %s: %w", addr, err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return "", nil, fmt.Errorf("serve NATS at %s: it does not start: is the port taken?", addr)
	}
	return s.ClientURL(), func() { s.Shutdown(); s.WaitForShutdown() }, nil
}
