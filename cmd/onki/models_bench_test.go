package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/llm"
)

// instant is a provider that answers at once, in this process, with the draft.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var in struct{ Messages []struct{ Content string } }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	answer, err := json.Marshal(map[string]any{
		"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": parrot(in.Messages[1].Content)}, "finish_reason": "stop"}},
		"usage":   map[string]any{"prompt_tokens": 1, "completion_tokens": 1},
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, nil
}

// BenchmarkModelTurn measures what a model costs beside its own time: prompt,
// masking, the client, the guards. Over the messages of the example shop it
// reports the median and the 99th percentile of the stage, and the prompt.
func BenchmarkModelTurn(b *testing.B) {
	brand, err := openBrand(b.Context(), "shop")
	if err != nil {
		b.Fatal(err)
	}
	cfg := defaults()
	cfg.Model = "openai:test@http://127.0.0.1:1"
	var prompts []int
	if err := brand.useModelsOver(cfg, instant{}, nil, func(c llm.Call) { prompts = append(prompts, c.Prompt) }); err != nil {
		b.Fatal(err)
	}
	e := &bot.Engine{Flow: brand.care.Flow(), Rescue: brand.care.Rescue()}
	texts := []string{angry, asks["ko"], asks["en"], "My parcel is late and my daughter's birthday is tomorrow!!", "같은 주문이 두 번 결제됐어요. 월세 낼 돈인데 어떡하죠", "How do I return this?"}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		at := bot.Address{Channel: "web", Thread: fmt.Sprint(i)}
		w := &bot.Work{Address: at, Messages: []bot.Message{{ID: "m", From: at, Text: texts[i%len(texts)], Time: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}}}
		e.Answer(b.Context(), w)
		for _, s := range w.Entry.Steps {
			if s.Stage == "word" {
				took = append(took, s.Took)
			}
		}
	}
	slices.Sort(took)
	slices.Sort(prompts)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(prompts[len(prompts)/2]), "prompt-bytes-p50")
	b.ReportMetric(float64(prompts[len(prompts)-1]), "prompt-bytes-max")
}
