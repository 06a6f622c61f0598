package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Counter counts one set of label values, such as `version="2.0.0",deny="1"`.
type Counter struct {
	labels string
	value  atomic.Uint64
}

func NewCounter(labels string) *Counter { return &Counter{labels: labels} }

func (c *Counter) Add() { c.value.Add(1) }

func (c *Counter) Value() uint64 { return c.value.Load() }

// Counters is one metric. All its counters are shown from the start, at 0, so that rates are right.
type Counters struct {
	name, help string
	counters   []*Counter
}

func (c Counters) write(out io.Writer) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", c.name, c.help, c.name)
	for _, counter := range c.counters {
		fmt.Fprintf(out, "%s{%s} %d\n", c.name, counter.labels, counter.Value())
	}
}

// Histogram counts durations in seconds.
type Histogram struct {
	name, help string
	bounds     []float64
	mu         sync.Mutex
	counts     []uint64 // one more than bounds
	sum        float64
}

func NewHistogram(name, help string, bounds ...float64) *Histogram {
	return &Histogram{name: name, help: help, bounds: bounds, counts: make([]uint64, len(bounds)+1)}
}

func (h *Histogram) Observe(seconds float64) {
	at, _ := slices.BinarySearch(h.bounds, seconds)
	h.mu.Lock()
	h.counts[at]++
	h.sum += seconds
	h.mu.Unlock()
}

func (h *Histogram) write(out io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s histogram\n", h.name, h.help, h.name)
	total := uint64(0)
	for i, bound := range h.bounds {
		total += h.counts[i]
		fmt.Fprintf(out, "%s_bucket{le=\"%g\"} %d\n", h.name, bound, total)
	}
	total += h.counts[len(h.bounds)]
	fmt.Fprintf(out, "%s_bucket{le=\"+Inf\"} %d\n%s_sum %g\n%s_count %d\n", h.name, total, h.name, h.sum, h.name, total)
}

// Fact is a gauge that is always 1 and says something in its labels.
type Fact struct{ name, help, labels string }

func (f Fact) write(out io.Writer) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n%s{%s} 1\n", f.name, f.help, f.name, f.name, f.labels)
}

type metric interface{ write(io.Writer) }

// metricsHandler answers in the Prometheus text format.
func metricsHandler(metrics ...metric) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var text strings.Builder
		for _, metric := range metrics {
			metric.write(&text)
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = io.WriteString(w, text.String())
	}
}
