package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/brands/backend"
	"github.com/spf13/cobra"
)

func newDemoBackend(s streams) *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use: "demo-backend [BRAND]", Short: "serve a brand's demo back office over HTTP", Args: cobra.MaximumNArgs(1),
		Long: `Serve the records of a brand's demo.yaml over HTTP: something for look-ups and
actions to talk to before a system of your own does. It forgets every change
when it ends.

onki chat, serve and test need no such server: they read demo.yaml themselves
while the variable that backoffice.yaml names is not set.`,
		Example: "  onki demo-backend shop --addr localhost:8090\n  curl -s 'localhost:8090/orders/1042?phone=4821'",
		RunE: func(c *cobra.Command, args []string) error {
			name := "shop"
			if len(args) == 1 {
				name = args[0]
			}
			return demoBackend(c.Context(), name, addr, s)
		},
	}
	c.Flags().StringVar(&addr, "addr", "localhost:8090", "host and port to listen on")
	return c
}

// demoBackend serves until ctx ends.
func demoBackend(ctx context.Context, name, addr string, s streams) error {
	fsys, _, err := brandFS(name)
	if err != nil {
		return err
	}
	office, err := backend.Open(fsys, nil)
	if err != nil {
		return fmt.Errorf("brand %s: %w", name, err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("demo-backend: %w: choose another address with --addr", err)
	}
	var has []string
	for collection, n := range office.Records() {
		has = append(has, fmt.Sprintf("%d %s", n, collection))
	}
	slices.Sort(has)
	fmt.Fprintf(s.err, "the demo back office of %s is at http://%s: %s\n", name, l.Addr(), strings.Join(has, ", "))
	server := &http.Server{Handler: office, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("demo-backend: %w", err)
	}
	return nil
}
