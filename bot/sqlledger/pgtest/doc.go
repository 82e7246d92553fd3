// Package pgtest runs a real PostgreSQL for tests: its own server in a temporary
// folder, on a free port of loopback and a socket, started by the test and gone
// with it. Where PostgreSQL is not installed, tests that ask for it are skipped
// and say what to install; .ci/deps installs it.
package pgtest
