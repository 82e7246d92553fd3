package sqlledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// TestServerRefused: what an operator can get wrong is named with the next step,
// and never with the password.
func TestServerRefused(t *testing.T) {
	server := pgtest.Shared(t)
	server.Exec(t, "CREATE USER guest PASSWORD 'guest'")
	server.Exec(t, "CREATE SCHEMA closed; GRANT USAGE ON SCHEMA closed TO guest")
	server.Exec(t, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	at := "postgres://onki:" + url.QueryEscape(pgtest.Password) + "@" + server.Addr()
	at = strings.ReplaceAll(at, "+", "%20")
	for name, c := range map[string]struct {
		url   string
		words []string
	}{
		"wrong password":   {"postgres://onki:secret-sesame@" + server.Addr() + "/postgres", []string{"refuses the user or password", "URL of the ledger"}},
		"nobody there":     {"postgres://onki:secret-sesame@127.0.0.1:1/postgres", []string{"cannot be reached", "start it"}},
		"no such host":     {"postgres://onki:secret-sesame@nowhere.invalid/postgres", []string{"cannot be reached"}},
		"no such database": {at + "/missing", []string{`no database "missing"`, "createdb"}},
		"no such schema":   {at + "/postgres?search_path=missing", []string{"search_path", "CREATE SCHEMA"}},
		"no rights":        {"postgres://guest:guest@" + server.Addr() + "/postgres?search_path=closed", []string{"guest", "GRANT"}},
		"another encoding": {at + "/latin", []string{"LATIN1", "createdb --encoding=UTF8"}},
		"not durable":      {at + "/postgres?synchronous_commit=off", []string{"synchronous_commit is off", "ALTER DATABASE"}},
		"no URL":           {"postgres://onki:secret-sesame@%zz/", []string{"want postgres://USER:PASSWORD@HOST"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, c.url, c.words...)
			_, err := sqlledger.Open(t.Context(), c.url, sqlledger.Options{})
			if strings.Contains(err.Error(), "sesame") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
	l := openURL(t, at+"/postgres?search_path="+schemaOf(t, server.Schema(t)), sqlledger.Options{})
	receive(t, l, "x", "a", "over TCP with a password")
}

func schemaOf(t *testing.T, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("search_path")
}

// execAt runs statements on a server behind the ledger's back.
func execAt(t *testing.T, url string, queries ...string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range queries {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestServerVersions(t *testing.T) {
	server := pgtest.Shared(t)
	t.Run("another program's", func(t *testing.T) {
		at := server.Schema(t)
		execAt(t, at, "CREATE TABLE customer (name TEXT)")
		refused(t, at, "another program", "schema")
	})
	t.Run("newer", func(t *testing.T) {
		at := server.Schema(t)
		openURL(t, at, sqlledger.Options{}).Close()
		execAt(t, at, "INSERT INTO migration (version, at) VALUES (99, 0)")
		refused(t, at, "newer Onki", "version 99")
	})
	t.Run("older", func(t *testing.T) {
		at := server.Schema(t)
		l := openURL(t, at, sqlledger.Options{})
		receive(t, l, "x", "a", "hello")
		answer(t, l)
		l.Close()
		execAt(t, at, "DROP TABLE rating, consent, node, lease, upload, place, locked, audit", "ALTER TABLE conversation DROP COLUMN opening",
			"DROP INDEX conversation_held, outbox_held, conversation_waiting, conversation_person, conversation_thread", "DELETE FROM migration WHERE version > 1")
		refused(t, at, "version 1", "backup", "onki migrate")
		execAt(t, at, "DROP TABLE link, pass")
		openURL(t, at, sqlledger.Options{Migrate: true}).Close()
		events, err := openURL(t, at, sqlledger.Options{}).Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 9)
		if err != nil || len(events) != 2 {
			t.Errorf("%d events, %v; want what was there before", len(events), err)
		}
	})
	t.Run("several at once", func(t *testing.T) {
		at := server.Schema(t)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				l, err := sqlledger.Open(t.Context(), at, sqlledger.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				l.Close()
			})
		}
		all.Wait()
	})
}

// TestServerRestarts cuts the ledger off again and again: what was acknowledged
// is there, nothing is answered twice, and nobody has to wait for a lease.
func TestServerRestarts(t *testing.T) {
	server := pgtest.Start(t)
	l := openURL(t, server.URL(""), sqlledger.Options{Beat: 100 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	var mu sync.Mutex
	taken, answered := make(map[string]bool), make(map[string]int)
	writing := make(chan bool)
	for i := range 4 {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-writing:
					return
				default:
				}
				id := fmt.Sprintf("%d-%d", i, n)
				m := bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: fmt.Sprint("x", i)}, Time: time.Now()}
				for l.Receive(ctx, m) != nil {
					if ctx.Err() != nil {
						return // never acknowledged
					}
				}
				mu.Lock()
				taken[id] = true
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
		all.Go(func() {
			for ctx.Err() == nil {
				if w, err := l.Claim(ctx); err == nil {
					think(w)
					w.Entry.Messages = w.Messages
					_ = l.Commit(ctx, w) // what was not written is claimed again
				} else {
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for n := range 4 {
		time.Sleep(400 * time.Millisecond)
		if n%2 == 0 {
			server.Kill()
		} else {
			server.Down()
		}
		if err := server.Up(); err != nil {
			t.Fatal(err)
		}
	}
	close(writing)
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		clear(answered)
		for i := range 4 {
			entries, err := l.Entries(ctx, bot.Address{Channel: "web", Thread: fmt.Sprint("x", i)}, 0, 1<<20)
			if err != nil {
				break
			}
			for _, e := range entries {
				for _, m := range e.Messages {
					answered[m.ID]++
				}
			}
		}
		done := true // a message that was taken although nobody was told so may be answered, too
		mu.Lock()
		for id := range taken {
			done = done && answered[id] > 0
		}
		mu.Unlock()
		if done {
			break
		}
	}
	stop()
	all.Wait()
	for id := range taken {
		if answered[id] != 1 {
			t.Errorf("%s was answered %d times", id, answered[id])
		}
	}
	if len(taken) < 50 {
		t.Errorf("only %d messages: this test proves little", len(taken))
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d messages over 4 restarts; %+v", len(taken), l.Counts())
}

// TestSilence: what a node held that is heard of no more is taken over in a few
// beats, and a lease with it.
func TestSilence(t *testing.T) {
	at := pgtest.Shared(t).Schema(t)
	o := sqlledger.Options{Beat: 50 * time.Millisecond}
	dead := openURL(t, at, sqlledger.Options{Beat: time.Hour}) // it speaks once and never again
	receive(t, dead, "x", "a", "hello")
	old, err := dead.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	think(old)
	receive(t, dead, "y", "b", "hello")
	answer(t, dead)
	if _, err := dead.Next(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	l := openURL(t, at, o)
	begin := time.Now()
	w := soon(t, func() (*bot.Work, error) { return l.Claim(t.Context()) })
	d := soon(t, func() (*bot.Delivery, error) { return l.Next(t.Context(), "web") })
	if len(w.Messages) != 1 || w.Messages[0].ID != "a" || w.Attempt != 2 || !d.Ambiguous || d.Attempt != 2 {
		t.Errorf("took over %+v and %+v", w, d)
	}
	t.Logf("taken over after %v", time.Since(begin))
	if err := dead.Commit(t.Context(), old); !errors.Is(err, bot.ErrLost) {
		t.Errorf("commit of the dead: %v; want ErrLost", err)
	}
	think(w)
	if err := errors.Join(l.Commit(t.Context(), w), l.Done(t.Context(), d)); err != nil {
		t.Error(err)
	}
}

// soon tries until there is something to do.
func soon[T any](t *testing.T, try func() (T, error)) T {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		if got, err := try(); err == nil {
			return got
		} else if !errors.Is(err, bot.ErrIdle) {
			t.Fatal(err)
		}
	}
	t.Fatal("nothing came")
	var none T
	return none
}

// TestAuditFromManySides: several nodes write one chain.
func TestAuditFromManySides(t *testing.T) {
	at := pgtest.Shared(t).Schema(t)
	var all sync.WaitGroup
	for range 3 {
		l := openURL(t, at, sqlledger.Options{})
		for range 4 {
			all.Go(func() {
				for range 5 {
					if _, err := l.Audit(t.Context(), "mina", "read", "web:x", "a question"); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	acts, err := openURL(t, at, sqlledger.Options{}).Acts(t.Context(), 0, 100)
	if err != nil || len(acts) != 60 {
		t.Errorf("%d lines, %v; want 60 in one chain", len(acts), err)
	}
}
