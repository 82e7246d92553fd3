package killtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// A Trial is one run of a program that dies. Start and Post must be set.
type Trial struct {
	// Start returns a new process of the program, not started yet. With step
	// not empty the process must kill itself at that step, such as
	// "committed.inside:3" for the third time. The node counts from 0.
	Start func(node int, step string) *exec.Cmd
	// Post hands the program a customer's message; nil means that the program
	// has acknowledged it.
	Post func(ctx context.Context, thread, id, text string) error
	// Before is called before a node is killed, while it lives; may be nil.
	Before func(node int)

	// After is called after a death, while the other nodes live; may be nil.
	After func()

	Nodes   int           // processes at once; 0 means 1
	Steps   []string      // names of the steps to die at
	Rounds  int           // how often to die at each of them
	Random  int           // how often to die at a random moment
	Span    time.Duration // after that, go on dying at random moments until the trial has taken so long; 0 ends it at once
	Life    time.Duration // the longest life before a random death; 0 means 300 ms
	Threads int           // conversations at once; 0 means 16
	Pace    time.Duration // the mean pause between two messages of a conversation; 0 means 4 ms
	Each    int           // the most messages of one conversation; 0 is no limit
	Seed    uint64        // of everything random here
	// Patience is how long the end waits for an answer when none comes any
	// more; 0 means 20 s.
	Patience time.Duration

	log     log
	nodes   map[int]*process
	started atomic.Int64 // when the present process was started, Unix microseconds; 0 once it has been heard
}

// A Report is what came of a trial.
type Report struct {
	Deaths     int             // kills
	Steps      map[string]int  // deaths at each step
	Messages   int             // acknowledged
	Repeats    int             // messages sent again on purpose
	Replies    int             // different replies shown
	Opened     int             // of them after first words of their own
	Twice      int             // replies that came more than once
	Apologies  int             // replies with which the program gave up on an answer
	Faults     []string        // what was wrong, in words, a hundred at most; empty is what we want
	Lost       int             // of all faults: messages acknowledged and never answered
	Doubled    int             // answers given or shown a second time
	Disordered int             // answers or events out of order
	Restart    []time.Duration // from each start of a process to the next reply
	Waits      []time.Duration // of each message, from its acknowledgement to its answer, sorted
}

// Run plays the trial. Its error says that the trial itself could not be
// played; what the program did wrong is in the report.
func (t *Trial) Run(ctx context.Context) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.log.begin()
	t.nodes = make(map[int]*process)
	var customers sync.WaitGroup
	enough := make(chan struct{})
	for i := range max(t.Threads, 1) {
		customers.Go(func() { t.customer(ctx, enough, fmt.Sprintf("x%02d", i), rand.New(rand.NewPCG(t.Seed, uint64(i)))) })
	}
	report, err := t.kill(ctx)
	close(enough)
	if err == nil {
		err = t.finish(ctx, &customers)
	}
	cancel()
	customers.Wait()
	if err != nil {
		return nil, err
	}
	t.log.check(report)
	return report, nil
}

// customer writes until there is enough, each message until it is acknowledged.
func (t *Trial) customer(ctx context.Context, enough <-chan struct{}, thread string, r *rand.Rand) {
	pace := t.Pace
	if pace == 0 {
		pace = 4 * time.Millisecond
	}
	for n := 0; ctx.Err() == nil && (t.Each == 0 || n < t.Each); n++ {
		select {
		case <-enough:
			return
		default:
		}
		id := fmt.Sprintf("%s-%06d", thread, n)
		for t.Post(ctx, thread, id, "message "+id) != nil {
			if ctx.Err() != nil {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.log.acknowledged(thread, id)
		for r.IntN(8) == 0 { // the network did not hear the acknowledgement
			if t.Post(ctx, thread, id, "message "+id) == nil {
				t.log.repeated()
			}
		}
		time.Sleep(time.Duration(r.Int64N(int64(2 * pace))))
	}
}

// kill lets the program die as often as asked.
func (t *Trial) kill(ctx context.Context) (*Report, error) {
	report, began := &Report{Steps: make(map[string]int)}, time.Now()
	r := rand.New(rand.NewPCG(t.Seed, 1<<32))
	for node := 1; node < t.Nodes; node++ {
		if err := t.start(node, ""); err != nil {
			return nil, err
		}
	}
	for range t.Rounds {
		for _, step := range t.Steps {
			if err := t.die(ctx, report, r, step); err != nil {
				return nil, err
			}
		}
	}
	for n := 0; n < t.Random || time.Since(began) < t.Span; n++ {
		if err := t.die(ctx, report, r, ""); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// die starts a node, in place of the one that lived if need be, and lets it
// die: at the step, or when its time is over.
func (t *Trial) die(ctx context.Context, report *Report, r *rand.Rand, step string) error {
	spec, life := "", t.Life
	if life == 0 {
		life = 300 * time.Millisecond
	}
	if step != "" {
		spec, life = fmt.Sprintf("%s:%d", step, 1+r.IntN(25)), 100*life
		if step == "again.inside" { // a network fails now and then, not all the time
			spec = step + ":1"
		}
	} else {
		life = time.Duration(r.Int64N(int64(life))) + 10*time.Millisecond
	}
	node := r.IntN(max(t.Nodes, 1))
	if t.nodes[node] != nil {
		t.end(node)
		report.Deaths++
	}
	if err := t.start(node, spec); err != nil {
		return err
	}
	p := t.nodes[node]
	select {
	case <-p.ended:
		if step == "" || p.cmd.ProcessState.Exited() {
			return fmt.Errorf("the program ended by itself: %v", p.cmd.ProcessState)
		}
		report.Steps[step]++
	case <-time.After(life):
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
	t.end(node)
	report.Deaths++
	if t.After != nil {
		t.After()
	}
	if t.Nodes > 1 {
		return t.start(node, "") // the others must not be left alone
	}
	return nil
}

// finish lets the program live until every message has been answered.
func (t *Trial) finish(ctx context.Context, customers *sync.WaitGroup) error {
	defer func() {
		for node := range t.nodes {
			t.end(node)
		}
	}()
	for node := range max(t.Nodes, 1) {
		if t.nodes[node] == nil {
			if err := t.start(node, ""); err != nil {
				return err
			}
		}
	}
	customers.Wait()
	quiet := time.Now()
	for left := t.log.left(); left > 0; {
		time.Sleep(20 * time.Millisecond)
		now := t.log.left()
		switch {
		case now < left:
			left, quiet = now, time.Now()
		case time.Since(quiet) > cmp.Or(t.Patience, 20*time.Second):
			return nil // nothing moves any more: the check will say what is missing
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
	time.Sleep(300 * time.Millisecond) // a second reply would come now
	return nil
}

// A process is one life of the program.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func (t *Trial) start(node int, step string) error {
	p := &process{cmd: t.Start(node, step), ended: make(chan struct{})}
	t.started.Store(time.Now().UnixMicro())
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its ProcessState
		close(p.ended)
	}()
	t.nodes[node] = p
	return nil
}

// end kills the node if it lives, after a last look at it.
func (t *Trial) end(node int) {
	p := t.nodes[node]
	if p == nil {
		return
	}
	select {
	case <-p.ended:
	default:
		if t.Before != nil {
			t.Before(node)
		}
		p.kill()
	}
	delete(t.nodes, node)
}

func (p *process) kill() {
	if err := p.cmd.Process.Kill(); err == nil || errors.Is(err, context.Canceled) {
		<-p.ended
	}
}
