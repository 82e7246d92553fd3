package langchain

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/onkihq/onki/bot/outbound"
	"github.com/onkihq/onki/knowledge"
)

// answerMax bounds what a server may answer: 64 vectors of 4,096 numbers as
// JSON are about 6 MB.
const answerMax = 32 << 20

// NewEmbedder makes an embedder of openai:MODEL@URL or ollama:MODEL@URL: any
// server that speaks OpenAI's protocol, or Ollama. key is env:NAME or file:PATH,
// and "" for a server that needs none. Only the host of the URL is asked.
func NewEmbedder(use, key string) (knowledge.Embedder, error) {
	fail := func(err error) (knowledge.Embedder, error) { return nil, fmt.Errorf("embedder %q: %w", use, err) }
	provider, rest, _ := strings.Cut(use, ":")
	at := max(strings.LastIndex(rest, "@https://"), strings.LastIndex(rest, "@http://")) // names may hold an @ of their own
	if at < 1 {
		return fail(errors.New("write openai:MODEL@https://host/v1 or ollama:MODEL@http://host:11434"))
	}
	model, address := rest[:at], strings.TrimRight(rest[at+1:], "/")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return fail(errors.New("the address is none; write it as https://host/path, without a password"))
	}
	token, err := readKey(key)
	if err != nil {
		return fail(err)
	}
	if token != "" && u.Scheme != "https" && !near(u.Hostname()) {
		return fail(errors.New("a key is not sent over http: use https, or a server on this machine or network"))
	}
	client := outbound.Guard{Hosts: []string{u.Host}, Only: true, MaxBody: answerMax}.Client()
	var maker embeddings.EmbedderClient
	switch provider {
	case "openai":
		client.Transport = inOrder{client.Transport}
		maker, err = openai.New(openai.WithToken(cmp.Or(token, "none")), openai.WithBaseURL(address), openai.WithEmbeddingModel(model), openai.WithHTTPClient(client))
	case "ollama":
		maker, err = ollama.New(ollama.WithModel(model), ollama.WithServerURL(address), ollama.WithHTTPClient(client))
	default:
		err = fmt.Errorf("%q is not known; there are openai and ollama", provider)
	}
	if err != nil {
		return fail(err)
	}
	return embeddings.NewEmbedder(embeddings.EmbedderClientFunc(func(ctx context.Context, texts []string) ([][]float32, error) {
		vectors, err := maker.CreateEmbedding(ctx, texts)
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err() // langchaingo makes a new text of it
		}
		return vectors, err
	}))
}

// readKey follows the reference to a key.
func readKey(ref string) (string, error) {
	kind, at, _ := strings.Cut(ref, ":")
	switch {
	case ref == "":
		return "", nil
	case kind == "env" && os.Getenv(at) != "":
		return os.Getenv(at), nil
	case kind == "env":
		return "", fmt.Errorf("the variable %s that should hold the key is empty", at)
	case kind == "file":
		text, err := os.ReadFile(at)
		return strings.TrimSpace(string(text)), err
	}
	return "", errors.New("write the key as env:NAME or file:PATH, so that it stands in no configuration")
}

// near reports whether a host is on this machine or network.
func near(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (ip.IsLoopback() || ip.IsPrivate())
}

// inOrder puts the vectors of an answer into the order of the texts: the
// protocol says by index which is which, and langchaingo does not look.
type inOrder struct{ next http.RoundTripper }

// A vector is one of an answer, its numbers as they came.
type vector struct {
	Index     int             `json:"index"`
	Embedding json.RawMessage `json:"embedding"`
}

// RoundTrip sends the request and sorts the answer.
func (t inOrder) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data []vector `json:"data"`
	}
	if json.Unmarshal(body, &answer) == nil {
		slices.SortStableFunc(answer.Data, func(a, b vector) int { return cmp.Compare(a.Index, b.Index) })
		if body, err = json.Marshal(answer); err != nil {
			return nil, err
		}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}
