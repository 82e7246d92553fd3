package sqlledger

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// A copy is gzip of lines of JSON, the same whichever database it comes from:
// first the header, then for each table its name and columns and each of its
// rows as a list, at the end how many rows there were. gzip tells whether a
// byte has changed.
type header struct {
	Ledger  string `json:"ledger"` // "onki"
	Version int    `json:"version"`
	Epoch   string `json:"epoch"`
}

type tableLine struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type endLine struct {
	Rows int64 `json:"rows"`
}

// raw is a value of bytes, which JSON would otherwise take for text.
type raw struct {
	Bytes []byte `json:"bytes"`
}

// unmoved are the tables that mean something to running processes alone.
var unmoved = []string{"migration", "node", "lease"}

// Export writes a copy of everything as it is at one moment, while others go on
// reading and writing. [Import] takes it, on the same database or the other.
func (r *Reader) Export(ctx context.Context, w io.Writer) (rows int64, err error) {
	return r.l.export(ctx, w)
}

// Export is that of [Reader].
func (l *Ledger) Export(ctx context.Context, w io.Writer) (rows int64, err error) {
	return l.export(ctx, w)
}

func (l *Ledger) export(ctx context.Context, w io.Writer) (rows int64, err error) {
	epoch, err := l.Epoch(ctx)
	if err != nil {
		return 0, err
	}
	o := &sql.TxOptions{ReadOnly: l.file == nil}
	if l.file == nil {
		o.Isolation = sql.LevelRepeatableRead // one moment for all tables; SQLite reads so by itself
	}
	t, err := l.read.BeginTx(ctx, o)
	if err != nil {
		return 0, l.db.explain("export", err)
	}
	defer t.Rollback() // nothing was written
	if l.file == nil {
		if _, err := t.ExecContext(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return 0, l.db.explain("export", err)
		}
	}
	names, err := l.tables(&tx{ctx: ctx, conn: t})
	if err != nil {
		return 0, l.db.explain("export", err)
	}
	z := gzip.NewWriter(w)
	out := json.NewEncoder(z)
	if err := out.Encode(header{"onki", len(steps()), epoch}); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	for _, name := range names {
		n, err := exportTable(ctx, t, name, out)
		if err != nil {
			return 0, l.db.explain("export "+name, err)
		}
		rows += n
	}
	if err := errors.Join(out.Encode(endLine{rows}), z.Close()); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	return rows, nil
}

// tables lists what is copied.
func (l *Ledger) tables(t *tx) ([]string, error) {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if l.file == nil {
		query = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
	}
	names, err := t.texts(query)
	return slices.DeleteFunc(names, func(n string) bool { return slices.Contains(unmoved, n) }), err
}

func exportTable(ctx context.Context, t *sql.Tx, name string, out *json.Encoder) (n int64, err error) {
	rows, err := t.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	if err := out.Encode(tableLine{name, columns}); err != nil {
		return 0, err
	}
	values, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(to...); err != nil {
			return 0, err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = raw{b}
			}
		}
		if err := out.Encode(values); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// Import fills an empty ledger with a copy that Export wrote, all of it or
// nothing. With restored the copy is older than what has happened since, so that
// the ledger gets a new epoch, by which readers of the transcript start over,
// and every unsent reply is ambiguous; without it nothing has happened since.
func (l *Ledger) Import(ctx context.Context, r io.Reader, restored bool) (rows int64, err error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return 0, fmt.Errorf("import: this is no copy of a ledger, or its beginning is damaged: %w", err)
	}
	run := func(tx *tx) error {
		rows, err = l.fill(tx, z)
		if err == nil {
			err = l.settleIn(tx, restored)
		}
		return err
	}
	if s, ok := l.db.(*server); ok {
		err = s.atLength(ctx, run)
	} else {
		err = l.db.do(ctx, true, run)
	}
	if err != nil {
		return 0, l.db.explain("import", err)
	}
	return rows, nil
}

// fill reads the copy into the tables.
func (l *Ledger) fill(tx *tx, r io.Reader) (rows int64, err error) {
	in := json.NewDecoder(r)
	in.UseNumber()
	var h header
	if err := in.Decode(&h); err != nil || h.Ledger != "onki" {
		return 0, fmt.Errorf("this is no copy of a ledger: %w", errors.Join(err, bot.ErrBad))
	}
	if h.Version != len(steps()) {
		return 0, fmt.Errorf("the copy is of version %d and this program knows %d: import it with the program that made it, then run onki migrate", h.Version, len(steps()))
	}
	var one int64
	if found, err := tx.row("SELECT 1 FROM conversation LIMIT 1", nil, &one); err != nil {
		return 0, err
	} else if found {
		return 0, errors.New("the ledger has conversations: import into an empty one")
	}
	if _, err := tx.exec("DELETE FROM meta"); err != nil {
		return 0, err
	}
	known, err := l.tables(tx)
	if err != nil {
		return 0, err
	}
	into := &inserter{tx: tx}
	for {
		var line json.RawMessage
		if err := in.Decode(&line); err != nil {
			return 0, fmt.Errorf("the copy is damaged or cut off after %d rows: %w", rows, err)
		}
		if line[0] == '[' {
			rows++
			if err := into.add(line); err != nil {
				return 0, err
			}
			continue
		}
		if err := into.flush(); err != nil {
			return 0, err
		}
		var mark struct {
			tableLine
			endLine
		}
		if err := json.Unmarshal(line, &mark); err != nil {
			return 0, err
		}
		if mark.Table == "" {
			if mark.Rows != rows {
				return 0, fmt.Errorf("the copy has %d rows and should have %d", rows, mark.Rows)
			}
			_, err := io.Copy(io.Discard, io.MultiReader(in.Buffered(), r)) // to the end, where gzip compares its sum
			return rows, err
		}
		if !slices.Contains(known, mark.Table) {
			return 0, fmt.Errorf("the copy has a table %q that this ledger has not", mark.Table)
		}
		into.table, into.columns = mark.Table, mark.Columns
	}
}

// groupRows is how many rows one statement inserts.
const groupRows = 50

// An inserter gathers rows of one table.
type inserter struct {
	tx      *tx
	table   string
	columns []string
	values  []any
}

func (i *inserter) add(line []byte) error {
	var row []json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	if len(row) != len(i.columns) || len(row) == 0 {
		return fmt.Errorf("a row of %s has %d values and %d columns", i.table, len(row), len(i.columns))
	}
	for _, v := range row {
		value, err := cell(v)
		if err != nil {
			return fmt.Errorf("%s: %w", i.table, err)
		}
		i.values = append(i.values, value)
	}
	if len(i.values) == groupRows*len(i.columns) {
		return i.flush()
	}
	return nil
}

// cell decodes a value: null, a whole number, a text or bytes.
func cell(v json.RawMessage) (any, error) {
	switch {
	case string(v) == "null":
		return nil, nil
	case v[0] == '"':
		var s string
		err := json.Unmarshal(v, &s)
		return s, err
	case v[0] == '{':
		var b raw
		err := json.Unmarshal(v, &b)
		return b.Bytes, err
	}
	var n int64
	err := json.Unmarshal(v, &n)
	return n, err
}

func (i *inserter) flush() error {
	if len(i.values) == 0 {
		return nil
	}
	var query strings.Builder
	for _, c := range i.columns {
		if !plain(c) {
			return fmt.Errorf("%s: no column is called %q", i.table, c)
		}
	}
	fmt.Fprintf(&query, "INSERT INTO %s (%s) VALUES ", i.table, strings.Join(i.columns, ", "))
	for n := range i.values {
		switch {
		case n == 0:
			query.WriteString("(")
		case n%len(i.columns) == 0:
			query.WriteString("), (")
		default:
			query.WriteString(", ")
		}
		fmt.Fprintf(&query, "$%d", n+1)
	}
	query.WriteString(")")
	_, err := i.tx.exec(query.String(), i.values...)
	i.values = i.values[:0]
	return err
}

// plain reports whether the name is one that needs no quotes: a copy may come
// from anywhere.
func plain(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
}
