// Package terminal is the channel of the command line: a person who types, or
// a program that writes one message per line and reads one answer per line.
package terminal

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Channel reads messages line by line and waits for the answer to each
// before it reads the next. In and Show must be set.
type Channel struct {
	In     io.Reader                              // lines; see JSON for their form
	Read   func() (string, error)                 // reads one line instead of In, for a line editor; io.EOF ends
	JSON   bool                                   // lines may be JSON objects, see Line
	User   string                                 // the customer, when the line does not say; "" means "you"
	Lang   string                                 // language, when the line does not say
	Show   func(context.Context, bot.Reply) error // prints one reply
	More   func(context.Context, bot.Reply) bool  // reports that a second reply to the same line will come, such as a result; nil means never
	Limit  time.Duration                          // longest wait for an answer; 0 means a minute
	Thread string                                 // conversation, when the line does not say; "" takes the user

	mu      sync.Mutex
	waiting map[string]chan struct{} // by message ID
	held    map[bot.Address][]string // IDs of messages whose second reply is still to come
}

// Name returns "terminal".
func (c *Channel) Name() string { return "terminal" }

// lineMax is the longest line read. A longer one is answered like any other
// after the engine has cut it; the limit only bounds memory.
const lineMax = 1 << 20

// Listen delivers line after line until the input ends, and returns when the
// last one has been answered.
func (c *Channel) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	read := c.Read
	if read == nil {
		in := bufio.NewReaderSize(c.In, 64<<10)
		read = func() (string, error) { return readLine(in) }
	}
	for line := 1; ctx.Err() == nil; line++ {
		text, err := read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if strings.TrimSpace(text) == "" && !c.JSON {
			continue // a person who only pressed Enter
		}
		m, err := c.message(text, line)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if err := c.exchange(ctx, m, deliver); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return ctx.Err()
}

// readLine reads one line without its end. Past lineMax the rest is dropped.
func readLine(in *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		part, more, err := in.ReadLine()
		if err != nil {
			return "", err
		}
		if b.Len() < lineMax {
			b.Write(part)
		}
		if !more {
			return b.String(), nil
		}
	}
}

func (c *Channel) message(text string, line int) (bot.Message, error) {
	in := Line{Text: text}
	if c.JSON {
		var err error
		if in, err = ParseLine(text); err != nil {
			return bot.Message{}, err
		}
	}
	user := cmp.Or(in.User, c.User, "you")
	m := bot.Message{
		From: bot.Address{Channel: c.Name(), Thread: cmp.Or(in.Thread, c.Thread, user)},
		User: user, Text: in.Text, Lang: cmp.Or(in.Lang, c.Lang), Choice: in.Choice, Context: in.Context, Time: in.Time,
		Forms: in.Forms, Form: in.Form, Values: in.Values,
	}
	m.ID = cmp.Or(in.ID, strconv.FormatInt(time.Now().UnixNano(), 36)+"-"+strconv.Itoa(line))
	return m, nil
}

// exchange delivers the message and waits until its reply was shown.
func (c *Channel) exchange(ctx context.Context, m bot.Message, deliver func(context.Context, bot.Message) error) error {
	answered := make(chan struct{})
	c.mu.Lock()
	if c.waiting == nil {
		c.waiting = make(map[string]chan struct{})
	}
	c.waiting[m.ID] = answered
	c.mu.Unlock()
	if err := deliver(ctx, m); err != nil {
		return err
	}
	limit := c.Limit
	if limit == 0 {
		limit = time.Minute
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-answered:
		return nil
	case <-timer.C:
		if c.isHeld(m) {
			return nil // it was answered; what comes of it is told when it comes
		}
		return fmt.Errorf("no answer within %s", limit)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Send shows the reply and lets the next line be read.
func (c *Channel) Send(ctx context.Context, r bot.Reply) error {
	if err := c.Show(ctx, r); err != nil {
		return fmt.Errorf("show: %w", err)
	}
	more := c.More != nil && c.More(ctx, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := append(c.held[r.To], r.Answers...)
	delete(c.held, r.To)
	if more {
		if c.held == nil {
			c.held = make(map[bot.Address][]string)
		}
		c.held[r.To] = ids
		return nil
	}
	for _, id := range ids {
		if answered := c.waiting[id]; answered != nil {
			close(answered)
			delete(c.waiting, id)
		}
	}
	return nil
}

// isHeld reports that the message has been answered and more is to come.
func (c *Channel) isHeld(m bot.Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.held[m.From], m.ID)
}
