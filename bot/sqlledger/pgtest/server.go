package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// A Server is a running PostgreSQL.
type Server struct {
	bin, dir string
	port     int
	settings []string
	cmd      *exec.Cmd
	ended    chan struct{}
	admin    *sql.DB
}

// shared is the server of this process, for tests that do not stop it.
var shared struct {
	sync.Mutex
	server *Server
}

// Run runs the tests of a package, for its TestMain, and then ends the server
// that Shared may have started.
func Run(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.remove()
	}
	return code
}

// Shared returns a server that the tests of this process use together. It does
// not wait for the disk.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = start(t, "fsync=off")
	}
	return shared.server
}

// Start returns a server for this test alone, with settings such as
// "max_connections=20". It is durable unless told otherwise.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := start(t, settings...)
	t.Cleanup(s.remove)
	return s
}

// programs finds the newest PostgreSQL of this machine.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // where Debian keeps every version side by side
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	path, err := exec.LookPath("initdb")
	return filepath.Dir(path), err
}

func start(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Skip("PostgreSQL is not installed: make deps installs it (Debian's package postgresql)")
	}
	dir, err := os.MkdirTemp("", "onki-pg-")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{bin: bin, dir: dir, settings: settings}
	if err := errors.Join(own(dir), s.initialize(), s.Up()); err != nil {
		s.remove()
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

func (s *Server) initialize() error {
	password := filepath.Join(s.dir, "password")
	if err := errors.Join(os.WriteFile(password, []byte(Password), 0o600), own(password)); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "-D", filepath.Join(s.dir, "data"), "-U", "onki", "-E", "UTF8", "--no-locale", "-N",
		"--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile="+password)
	cmd.Dir = s.dir
	unprivileged(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = free.Addr().(*net.TCPAddr).Port
	return free.Close()
}

// Password is the password of the user onki over TCP.
const Password = "p@ss word"

// Up starts the server and returns when it takes connections.
func (s *Server) Up() (err error) {
	if s.admin == nil {
		if s.admin, err = sql.Open("pgx", s.URL("")); err != nil {
			return err
		}
	}
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(50 * time.Millisecond) {
		if err = s.once(); err == nil {
			return nil // the children of a server that was killed may live on for a moment and be in the way of the next
		}
	}
	return err
}

// once starts the server and waits until it answers or ends.
func (s *Server) once() error {
	args := []string{"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-p", fmt.Sprint(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "max_wal_size=256MB"}
	for _, set := range s.settings {
		args = append(args, "-c", set)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd, s.ended = exec.Command(filepath.Join(s.bin, "postgres"), args...), make(chan struct{})
	s.cmd.Dir, s.cmd.Stderr, s.cmd.Stdout = s.dir, log, log
	unprivileged(s.cmd)
	cmd, ended := s.cmd, s.ended
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait(); close(ended) }()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if err := s.admin.Ping(); err == nil {
			return nil
		} else if time.Since(begin) > time.Minute {
			return err
		}
		select {
		case <-ended:
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the server ended: %s", bytes.TrimSpace(said))
		default:
		}
	}
}

// Kill ends the server as a crash would.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// Down stops the server at once, in good order, and returns when it is gone.
func (s *Server) Down() {
	_ = s.cmd.Process.Signal(os.Interrupt) // fast shutdown: connections are cut
	<-s.ended
}

func (s *Server) remove() {
	if s.admin != nil {
		s.admin.Close()
	}
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(os.Interrupt)
		select {
		case <-s.ended:
		case <-time.After(20 * time.Second):
			_ = s.cmd.Process.Kill()
		}
	}
	os.RemoveAll(s.dir)
}

// URL is the address of the server over its socket, without a password; a
// schema named is where tables are looked for.
func (s *Server) URL(schema string) string {
	url := fmt.Sprintf("postgres:///postgres?host=%s&port=%d&user=onki", s.dir, s.port)
	if schema != "" {
		url += "&search_path=" + schema
	}
	return url
}

// Addr is host and port of the server over TCP, where it asks for the password.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Schema makes an empty schema for the test and returns the URL of it.
func (s *Server) Schema(t testing.TB) string {
	t.Helper()
	name := "t" + strings.ToLower(rand.Text()[:10])
	s.Exec(t, "CREATE SCHEMA "+name)
	t.Cleanup(func() { // a thousand tests should not fill the disk
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = s.admin.ExecContext(ctx, "DROP SCHEMA "+name+" CASCADE")
	})
	return s.URL(name)
}

// Exec runs a statement as the owner of the server.
func (s *Server) Exec(t testing.TB, query string) {
	t.Helper()
	if _, err := s.admin.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
