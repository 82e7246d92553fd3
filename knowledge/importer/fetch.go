package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/bot/outbound"
)

// A Fetcher saves pages of the web as files that [Read] can read. Its zero
// value is ready and refuses addresses inside the brand's own network, also
// when a public name or a redirect leads there.
type Fetcher struct {
	Guard   outbound.Guard // where pages may be fetched from
	MaxFile int64          // bytes; 0 means MaxFile
}

// Fetch saves the page at address in the folder dir and returns the file's
// name. The file is written whole or not at all; fetching again replaces it.
func (f Fetcher) Fetch(ctx context.Context, address, dir string) (string, error) {
	limit := f.MaxFile
	if limit <= 0 {
		limit = MaxFile
	}
	guard := f.Guard
	guard.MaxBody = limit
	if err := guard.Check(address); err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	client := guard.Client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if errors.Is(err, outbound.ErrTooBig) {
		return "", fmt.Errorf("fetch %s: %w", short(address), ErrTooBig)
	}
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("fetch %s: the server answers %s", short(address), answer.Status)
	}
	u := request.URL
	ext, err := extension(answer.Header.Get("Content-Type"), u.Path)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
	}
	data, err := io.ReadAll(answer.Body)
	if errors.Is(err, outbound.ErrTooBig) {
		err = ErrTooBig
	}
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", short(address), err)
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
