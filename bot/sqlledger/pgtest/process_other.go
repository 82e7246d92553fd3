//go:build !linux

package pgtest

import (
	"os/exec"
	"time"
)

func own(string) error { return nil }

func unprivileged(*exec.Cmd) {}

// Spent is the processor time of the server, which only Linux tells.
func (s *Server) Spent() time.Duration { return 0 }
