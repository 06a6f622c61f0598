package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const maxRequestBytes = 64 << 10

// Server answers predictions of one model.
type Server struct {
	model    *Model
	draining atomic.Bool
	outcomes [2]*Counter // approved, denied
	refused  *Counter
	duration *Histogram
}

func NewServer(model *Model) *Server {
	version := fmt.Sprintf("version=%q", model.Version)
	return &Server{
		model:    model,
		outcomes: [2]*Counter{NewCounter(version + `,deny="0"`), NewCounter(version + `,deny="1"`)},
		refused:  NewCounter(version),
		duration: NewHistogram("mortgage_request_duration_seconds", "Time to answer a prediction.",
			0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1),
	}
}

func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /predict", s.predict)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", metricsHandler(
		Counters{"mortgage_predictions_total", "Predictions given, by model version and outcome.", s.outcomes[:]},
		Counters{"mortgage_refused_total", "Requests that asked for nothing that can be predicted.", []*Counter{s.refused}},
		s.duration,
		Fact{"mortgage_model_info", "The model that is served.", fmt.Sprintf("version=%q,digest=%q", s.model.Version, s.model.Digest)},
	))
	return mux
}

// ready turns to 503 as soon as the pod is asked to stop, so that no new traffic is sent here.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.draining.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// Prediction is the answer to one application.
type Prediction struct {
	Deny    int     `json:"deny"`  // 1: take a careful second look; 0: approve
	Score   float64 `json:"score"` // probability of denial
	Version string  `json:"version"`
}

func (s *Server) predict(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	score, err := s.score(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		s.refused.Add()
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := Prediction{Score: score, Version: s.model.Version}
	if score >= s.model.Threshold {
		answer.Deny = 1
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a client that has gone away is no fault of the server
	s.outcomes[answer.Deny].Add()
	s.duration.Observe(time.Since(started).Seconds())
}

// score reads one JSON object of numbers; inputs that the model does not use are ignored.
func (s *Server) score(body io.Reader) (float64, error) {
	var row map[string]*float64
	decoder := json.NewDecoder(body)
	if err := decoder.Decode(&row); err != nil {
		return 0, fmt.Errorf("the body must be a JSON object of numbers: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return 0, errors.New("the body must be one JSON object")
	}
	return s.model.Score(row)
}

// Serve answers on the listener until ctx ends; then stops being ready, goes on answering for
// the drain time while routes to this pod are withdrawn, and returns when all requests are answered.
func (s *Server) Serve(ctx context.Context, listener net.Listener, drain time.Duration) error {
	server := newHTTPServer(s.Handler())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("serving", "model", s.model.Name, "version", s.model.Version, "digest", s.model.Digest, "address", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	server.SetKeepAlivesEnabled(false)
	slog.Info("draining", "for", drain.String())
	time.Sleep(drain)
	stopping, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return fmt.Errorf("requests were cut off: %w", err)
	}
	slog.Info("stopped", "approved", s.outcomes[0].Value(), "denied", s.outcomes[1].Value())
	return nil
}

func newHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}

func runServe(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	path := flags.String("model", env("MODEL_FILE", "/model/model.json"), "the model file")
	digest := flags.String("digest", env("MODEL_DIGEST", ""), "sha256:… that the model must have; empty takes any")
	listen := flags.String("listen", ":8080", "address to answer on")
	drain := flags.Duration("drain", 5*time.Second, "how long to go on answering after being asked to stop")
	if err := flags.Parse(args); err != nil {
		return err
	}
	model, err := ReadModel(*path, *digest)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	return NewServer(model).Serve(ctx, listener, *drain)
}
