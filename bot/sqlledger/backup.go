package sqlledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the ledger as it is now to a new file, while others
// go on reading and writing. The copy is complete and on disk when it returns
// nil; there is no file at all otherwise. An existing file is never replaced.
func (l *Ledger) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up to %s: the file exists: choose a new name", path)
	}
	part := path + ".part-" + rand.Text()[:8]
	defer os.Remove(part)
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // an empty file keeps its narrow permissions
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer f.Close()
	db, err := sql.Open("sqlite", dsn(l.file.path, locking)) // VACUUM INTO is refused on the connections that only read
	if err != nil {
		return l.db.explain("back up", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", part); err != nil {
		return l.db.explain("back up to "+path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Restore makes a new ledger at the URL from a backup. What has happened since
// the backup is unknown to it, so it gets a new epoch, by which readers of the
// transcript start over, and every unsent reply is ambiguous: it may have been
// sent after the backup was made.
func Restore(ctx context.Context, backup, url string) error {
	path, err := parse(url)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore to %s: the file exists: move it away first", path)
	}
	part := path + ".part-" + rand.Text()[:8]
	defer os.Remove(part)
	if err := copyFile(part, backup); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := renew(ctx, part); err != nil {
		return fmt.Errorf("restore %s: %w", backup, err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// renew opens the copy, which checks it, and marks it as restored.
func renew(ctx context.Context, path string) error {
	l, err := Open(ctx, "sqlite:"+path, Options{})
	if err != nil {
		return err
	}
	defer os.Remove(path + "-lock")
	defer os.Remove(path + "-sum") // of a name that is about to change
	err = l.Check(ctx)
	if err == nil {
		err = l.do(ctx, "renew", func(tx *tx) error {
			if _, err := tx.exec("UPDATE meta SET value = $1 WHERE name = 'epoch'", rand.Text()); err != nil {
				return err
			}
			_, err := tx.exec("UPDATE outbox SET ambiguous = 1 WHERE settled IS NULL")
			return err
		})
	}
	return errors.Join(err, l.Close()) // closing the last connection writes the log back into the file
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// syncDir makes a new name in the folder survive a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	_ = d.Sync() // some systems cannot sync a folder; the name is then as safe as they make it
	return nil
}
