package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"time"
)

const (
	scanLimit   = 30 * time.Second // for one file
	scansAtOnce = 2
)

// scanner returns what looks at an upload before it is kept, nil without a
// command. The command reads the file from its input and ends with 0 when it
// may be kept; with any other end, or none in time, the file is refused.
func scanner(command []string) func(context.Context, []byte) error {
	if len(command) == 0 {
		return nil
	}
	slots := make(chan struct{}, scansAtOnce)
	return func(ctx context.Context, data []byte) error {
		ctx, cancel := context.WithTimeout(ctx, scanLimit)
		defer cancel()
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { <-slots }()
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Stdin = bytes.NewReader(data)
		c.WaitDelay = time.Second
		if err := c.Run(); err != nil {
			return fmt.Errorf("%s: %w", command[0], err)
		}
		return nil
	}
}
