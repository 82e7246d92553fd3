package main

import (
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/llm"
	"github.com/prometheus/client_golang/prometheus"
)

// modelMetrics count what language models are asked, cost and get wrong.
type modelMetrics struct {
	calls, tokens, cost, refused *prometheus.CounterVec
	seconds                      *prometheus.HistogramVec
	degraded, worded             prometheus.Counter
}

func newModelMetrics() modelMetrics {
	return modelMetrics{
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_model_calls_total", Help: "Calls of language models, by purpose, model and outcome."}, []string{"purpose", "model", "outcome"}),
		tokens:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_model_tokens_total", Help: "Tokens read (in) and written (out) by language models."}, []string{"model", "direction"}),
		cost:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_model_cost_total", Help: "What language models cost by the configured prices."}, []string{"model"}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_model_refused_total", Help: "Model texts that the guards refused, by reason."}, []string{"reason"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "onki_model_seconds", Help: "Time of a call, by purpose.", Buckets: prometheus.ExponentialBuckets(.05, 2, 9)}, []string{"purpose"}),
		degraded: prometheus.NewCounter(prometheus.CounterOpts{Name: "onki_model_degraded_total", Help: "Replies that left as drafted because a model failed, was late or was refused."}),
		worded:   prometheus.NewCounter(prometheus.CounterOpts{Name: "onki_model_worded_total", Help: "Parts of replies said in a model's words."}),
	}
}

func (m modelMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.calls, m.tokens, m.cost, m.refused, m.seconds, m.degraded, m.worded}
}

// called records one call.
func (m *metrics) called(c llm.Call) {
	m.models.calls.WithLabelValues(c.Purpose, c.Model, c.Outcome).Inc()
	if c.Took > 0 {
		m.models.seconds.WithLabelValues(c.Purpose).Observe(c.Took.Seconds())
		m.models.tokens.WithLabelValues(c.Model, "in").Add(float64(c.In))
		m.models.tokens.WithLabelValues(c.Model, "out").Add(float64(c.Out))
		m.models.cost.WithLabelValues(c.Model).Add(c.Cost)
	}
}

// noted records what a turn says about its model.
func (m modelMetrics) noted(n bot.Note) {
	switch n.Stage {
	case "refused":
		reason, _, _ := strings.Cut(n.Text, ":") // one of flows.Refusal's closed set
		m.refused.WithLabelValues(reason).Inc()
	case "degraded":
		m.degraded.Inc()
	case "worded":
		m.worded.Inc()
	}
}
