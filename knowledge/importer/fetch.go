package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A Fetcher saves pages of the web as files that [Read] can read. Its zero
// value is ready and refuses addresses inside the brand's own network, also
// when a public name or a redirect leads there.
type Fetcher struct {
	Client  *http.Client  // nil means one that refuses private addresses
	MaxFile int64         // bytes; 0 means MaxFile
	Timeout time.Duration // of one page; 0 means 30 s
}

// ErrPrivate is returned for addresses that only the own network can reach.
var ErrPrivate = errors.New("the address is inside a private network")

// Fetch saves the page at address in the folder dir and returns the file's
// name. The file is written whole or not at all; fetching again replaces it.
func (f Fetcher) Fetch(ctx context.Context, address, dir string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("fetch %s: not a public link; write one that begins with https://", short(address))
	}
	timeout := f.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	client := f.Client
	if client == nil {
		if private(u.Hostname()) {
			return "", fmt.Errorf("fetch %s: %w", short(address), ErrPrivate)
		}
		client = guarded()
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("fetch %s: the server answers %s", short(address), answer.Status)
	}
	ext, err := extension(answer.Header.Get("Content-Type"), u.Path)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	limit := f.MaxFile
	if limit <= 0 {
		limit = MaxFile
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	if int64(len(data)) > limit {
		return "", fmt.Errorf("fetch %s: %w", short(address), ErrTooBig)
	}
	name := filepath.Join(dir, slug(u.Hostname()+" "+strings.TrimSuffix(u.Path, ext)+" "+u.RawQuery)+ext)
	return name, save(name, data)
}

// save writes a file by way of another name.
func save(name string, data []byte) error {
	if err := os.WriteFile(name+".part", data, 0o644); err != nil {
		return fmt.Errorf("save page: %w", err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		return fmt.Errorf("save page: %w", err)
	}
	return nil
}

// extension chooses the format by what the server says.
func extension(contentType, path string) (string, error) {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "text/html", "application/xhtml+xml":
		return ".html", nil
	case "text/markdown":
		return ".md", nil
	case "text/csv":
		return ".csv", nil
	case "application/pdf":
		return ".pdf", nil
	case "text/plain", "":
		if ext := strings.ToLower(filepath.Ext(path)); readers()[ext] != nil {
			return ext, nil
		}
		return ".txt", nil
	}
	return "", fmt.Errorf("%s is not read; give a page, text, CSV or PDF", short(kind))
}

// guarded returns a client that checks the address it really connects to,
// after names are resolved, for each redirect too.
func guarded() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || private(at.Addr().Unmap().String()) {
			return ErrPrivate
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) >= 5 {
				return errors.New("more than five redirects")
			}
			return nil
		},
	}
}
