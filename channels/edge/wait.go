package edge

import (
	"context"
	"time"
)

// A WaitError says when to try again, and that the network surely did not take
// what it refused.
type WaitError struct {
	err  error
	wait time.Duration
}

// Later returns the error as one that says when to try again.
func Later(err error, wait time.Duration) *WaitError { return &WaitError{err, wait} }

// Error says what went wrong.
func (e *WaitError) Error() string { return e.err.Error() }

// Unwrap returns the error within.
func (e *WaitError) Unwrap() error { return e.err }

// RetryAfter returns how long to wait.
func (e *WaitError) RetryAfter() time.Duration { return e.wait }

// Sleep waits, or returns false when ctx ends first.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
