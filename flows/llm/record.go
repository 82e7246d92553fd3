package llm

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"

	"github.com/onkihq/onki/bot/outbound"
)

// A Recorder stands in for the network and writes down what providers answer, so
// that a run can be repeated without them. What is written holds no key, and of
// customers only what a model sees: text without personal data. Two runs ask the
// same only if [Options.Marker] is fixed.
type Recorder struct {
	mu   sync.Mutex
	file io.Writer
}

// A Replay answers from what a Recorder wrote, and nothing else.
type Replay struct {
	mu   sync.Mutex
	left map[string][]recorded
}

// recorded is one line of a recording.
type recorded struct {
	Key     string          `json:"key"` // of the request: path and body
	Request json.RawMessage `json:"request"`
	Status  int             `json:"status"`
	Answer  string          `json:"answer"`
}

// NewRecorder writes to w.
func NewRecorder(w io.Writer) *Recorder { return &Recorder{file: w} }

// RoundTrip asks the network and writes the exchange down.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	key, body, err := keyOf(request)
	if err != nil {
		return nil, err
	}
	res, err := outbound.Guard{Hosts: []string{request.URL.Host}, Only: true, MaxBody: answerMax}.Client().Transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(answer))
	line, err := json.Marshal(recorded{key, body, res.StatusCode, string(answer)})
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.file.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return res, nil
}

// ErrNotRecorded is the answer of a Replay to what was not asked when it was recorded.
var ErrNotRecorded = errors.New("this was not asked in the recording: the prompts or the conversations have changed; record again")

// ReadReplay reads a recording.
func ReadReplay(file string) (*Replay, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer f.Close()
	p := &Replay{left: make(map[string][]recorded)}
	in := bufio.NewScanner(f)
	in.Buffer(nil, 4*answerMax)
	for n := 1; in.Scan(); n++ {
		var x recorded
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		p.left[x.Key] = append(p.left[x.Key], x)
	}
	return p, in.Err()
}

// RoundTrip answers as recorded; the same question asked again gets the answers
// in their order, and the last one from then on.
func (p *Replay) RoundTrip(request *http.Request) (*http.Response, error) {
	key, _, err := keyOf(request)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.left[key]
	if len(all) == 0 {
		return nil, ErrNotRecorded
	}
	if len(all) > 1 {
		p.left[key] = all[1:]
	}
	return &http.Response{
		StatusCode: all[0].Status, Status: http.StatusText(all[0].Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(all[0].Answer))),
		ContentLength: int64(len(all[0].Answer)), Request: request,
	}, nil
}

// keyOf names a request by its path and body, whatever server it goes to.
func keyOf(r *http.Request) (string, []byte, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return "", nil, err
		}
		r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	sum := sha256.Sum256(append([]byte(r.URL.Path+"\n"), body...))
	return hex.EncodeToString(sum[:12]), body, nil
}
