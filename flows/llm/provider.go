package llm

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/onkihq/onki/bot/outbound"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"
)

// open makes the langchaingo model of an endpoint, with a shape of answers.
// plain asks for JSON without the schema, for servers that know none. It reaches
// the configured host and no other, and follows no redirect: see wire.
func (e *endpoint) open(next http.RoundTripper, shape shape, plain bool) (llms.Model, error) {
	u, err := url.Parse(e.url)
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrSpec, e.Use, err)
	}
	client := outbound.Guard{Hosts: []string{u.Host}, Only: true, MaxBody: answerMax}.Client()
	w := &wire{next: client.Transport}
	if next != nil {
		w.next = next
	}
	client.Transport = w
	var m llms.Model
	switch e.provider {
	case "openai", "googleai": // Gemini speaks the same protocol; its own package would cost 16 MB
		w.patch = func(body map[string]any) {
			e.temper(body)
			body["response_format"] = map[string]any{"type": "json_object"}
			if !plain {
				body["response_format"] = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": shape.name, "strict": true, "schema": shape.schema}}
			}
		}
		token := e.key
		if token == "" {
			token = "none" // the client insists on one; a server of one's own ignores it
		}
		m, err = openai.New(openai.WithToken(token), openai.WithModel(e.name), openai.WithBaseURL(e.url), openai.WithHTTPClient(doer{client}))
	case "anthropic":
		w.patch = e.temper
		token := e.key
		if token == "" {
			token = "none"
		}
		m, err = anthropic.New(anthropic.WithToken(token), anthropic.WithModel(e.name), anthropic.WithBaseURL(e.url), anthropic.WithHTTPClient(doer{client}))
	case "ollama":
		w.patch = func(body map[string]any) {
			body["format"] = shape.schema
			if plain {
				body["format"] = "json"
			}
		}
		m, err = ollama.New(ollama.WithModel(e.name), ollama.WithServerURL(e.url), ollama.WithHTTPClient(client))
	}
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrSpec, e.Use, err)
	}
	return m, nil
}

// temper sends a temperature only if one is configured: langchaingo always
// sends one, and some models accept none.
func (e *endpoint) temper(body map[string]any) {
	delete(body, "temperature")
	if e.Temperature != nil {
		body["temperature"] = *e.Temperature
	}
}
