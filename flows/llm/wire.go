package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// answerMax is the largest answer of a provider that is read.
const answerMax = 1 << 20

// A StatusError is the refusal of a provider.
type StatusError struct {
	Code       int           // of HTTP
	RetryAfter time.Duration // when it says so
}

// Error names the status and what to do about it.
func (e *StatusError) Error() string {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("status %d: the provider does not accept the key", e.Code)
	case http.StatusNotFound:
		return "status 404: the provider does not know the model or the address"
	case http.StatusTooManyRequests:
		return "status 429: the provider wants fewer requests"
	}
	return fmt.Sprintf("status %d", e.Code)
}

// passing reports a refusal that may be over in a moment.
func (e *StatusError) passing() bool {
	return e.Code == http.StatusTooManyRequests || e.Code >= 500
}

// wire stands between langchaingo and the network. It puts into a request what
// langchaingo cannot say, and makes a typed error of a refusal, which would
// otherwise be a text without a status.
type wire struct {
	next  http.RoundTripper
	patch func(body map[string]any) // may be nil
}

// RoundTrip sends the request, patched.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && w.patch != nil {
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		var m map[string]any
		if json.Unmarshal(body, &m) == nil {
			w.patch(m)
			if body, err = json.Marshal(m); err != nil {
				return nil, err
			}
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	res, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
		res.Body.Close()
		return nil, &StatusError{Code: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
	}
	return res, nil
}

// doer is a client whose errors langchaingo lets through: it makes one text of
// every net.Error, and *url.Error, in which the client wraps ours, is one.
type doer struct{ client *http.Client }

// Do sends the request.
func (d doer) Do(r *http.Request) (*http.Response, error) {
	res, err := d.client.Do(r)
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, wrapped.Err)
	}
	return res, err
}

// retryAfter reads the header, in seconds or as a time.
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
