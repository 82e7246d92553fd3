package main

import (
	"net/http"

	"github.com/onkihq/onki/bot"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts what happens, for Prometheus. Labels come from closed sets;
// none ever holds a customer.
type metrics struct {
	registry *prometheus.Registry
	turns    *prometheus.CounterVec
	emotions *prometheus.CounterVec
	handoffs *prometheus.CounterVec
	failures prometheus.Counter
	refused  *prometheus.CounterVec
	gaps     prometheus.Counter
	deaf     prometheus.Counter
	stages   *prometheus.HistogramVec
	models   modelMetrics
}

// newMetrics makes them; missed says how often the embedder did not answer.
func newMetrics(missed func() int64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		turns:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_turns_total", Help: "Turns answered, by channel and language."}, []string{"channel", "lang"}),
		emotions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_emotions_total", Help: "Strongest emotion of each turn."}, []string{"emotion"}),
		handoffs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_handoffs_total", Help: "People called, by reason."}, []string{"reason"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "onki_failures_total", Help: "Turns in which a stage failed and a person was called."}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onki_refused_total", Help: "Words refused or remarked on, by guard."}, []string{"guard"}),
		gaps:     prometheus.NewCounter(prometheus.CounterOpts{Name: "onki_gaps_total", Help: "Questions that the brand's knowledge did not answer."}),
		deaf:     prometheus.NewCounter(prometheus.CounterOpts{Name: "onki_knowledge_failures_total", Help: "Turns in which the brand's knowledge could not be asked."}),
		stages:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "onki_stage_seconds", Help: "Time per stage.", Buckets: prometheus.ExponentialBuckets(1e-5, 4, 9)}, []string{"stage"}),
	}
	m.registry.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Name: "onki_embedder_failures_total", Help: "Times the embedder did not answer and words alone had to do."},
		func() float64 { return float64(missed()) }))
	m.models = newModelMetrics()
	m.registry.MustRegister(m.models.all()...)
	m.registry.MustRegister(m.turns, m.emotions, m.handoffs, m.failures, m.refused, m.gaps, m.deaf, m.stages,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// seen records one committed turn.
func (m *metrics) seen(w *bot.Work) {
	e := w.Entry
	m.turns.WithLabelValues(w.Address.Channel, e.Reply.Lang).Inc()
	m.emotions.WithLabelValues(e.Reading.Top()).Inc()
	if e.Plan.Handoff.Level == "now" {
		m.handoffs.WithLabelValues(e.Plan.Handoff.Reason).Inc()
	}
	if e.Failure != "" {
		m.failures.Inc()
	}
	for _, n := range e.Notes {
		switch n.Stage {
		case "guard", "lint", "writer":
			m.refused.WithLabelValues(n.Stage).Inc()
		case "gap":
			m.gaps.Inc()
		case "library":
			m.deaf.Inc()
		default:
			m.models.noted(n)
		}
	}
	for _, s := range e.Steps {
		m.stages.WithLabelValues(s.Stage).Observe(s.Took.Seconds())
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
