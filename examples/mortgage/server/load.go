package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxInFlight  = 64
	loadAddress  = "127.0.0.1:8081"
	answerWithin = 5 * time.Second
)

// Load replays rows against a server, one connection a request so that a Service spreads them.
// Nothing is tried twice: a request that is not answered with a prediction has failed.
type Load struct {
	url      string
	slices   map[string][][]byte
	client   *http.Client
	ok       *Counter
	failed   *Counter
	outcomes [2]*Counter // approved, denied

	mu    sync.Mutex
	name  string // of the slice being sent
	next  int
	cause string // of the last failure
}

func NewLoad(url string, slices map[string][][]byte, first string) (*Load, error) {
	load := &Load{
		url: strings.TrimSuffix(url, "/"), slices: slices,
		client: &http.Client{Timeout: answerWithin, Transport: &http.Transport{DisableKeepAlives: true}},
		ok:     NewCounter(`result="ok"`), failed: NewCounter(`result="failed"`),
		outcomes: [2]*Counter{NewCounter(`deny="0"`), NewCounter(`deny="1"`)},
	}
	return load, load.Turn(first)
}

// Turn sends the rows of another slice from now on.
func (l *Load) Turn(name string) error {
	if _, known := l.slices[name]; !known {
		return fmt.Errorf("no slice %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(l.slices)), ", "))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.name, l.next = name, 0
	return nil
}

// Traffic is what has been counted so far.
type Traffic struct {
	Slice       string `json:"slice"`
	Ok          uint64 `json:"ok"`
	Failed      uint64 `json:"failed"`
	Denied      uint64 `json:"denied"`
	LastFailure string `json:"lastFailure,omitempty"`
}

func (l *Load) Traffic() Traffic {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Traffic{l.name, l.ok.Value(), l.failed.Value(), l.outcomes[1].Value(), l.cause}
}

func (l *Load) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows := l.slices[l.name]
	row := rows[l.next%len(rows)]
	l.next++
	return row
}

// WaitReady returns when the server says it is ready, or ctx ends.
func (l *Load) WaitReady(ctx context.Context) error {
	slog.Info("waiting for the server", "url", l.url)
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := l.client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// Send sends `rate` requests a second until ctx ends, then waits for the last answers.
func (l *Load) Send(ctx context.Context, rate float64) {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer ticker.Stop()
	room := make(chan struct{}, maxInFlight)
	var sent sync.WaitGroup
	defer sent.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		room <- struct{}{}
		sent.Go(func() {
			defer func() { <-room }()
			l.count(l.one(l.take()))
		})
	}
}

// one sends a row. It has its own deadline, so that stopping the load cuts nothing off.
func (l *Load) one(body []byte) (Prediction, error) {
	var answer Prediction
	response, err := l.client.Post(l.url+"/predict", "application/json", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxRequestBytes))
	if err != nil {
		return answer, err
	}
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(text))
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, err
	}
	if answer.Deny != 0 && answer.Deny != 1 {
		return answer, fmt.Errorf("deny is %d", answer.Deny)
	}
	return answer, nil
}

func (l *Load) count(answer Prediction, err error) {
	if err != nil {
		l.failed.Add()
		l.mu.Lock()
		l.cause = err.Error()
		l.mu.Unlock()
		slog.Warn("not answered", "error", err.Error())
		return
	}
	l.ok.Add()
	l.outcomes[answer.Deny].Add()
}

func (l *Load) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("GET /metrics", metricsHandler(
		Counters{"mortgage_load_requests_total", "Requests sent, by result.", []*Counter{l.ok, l.failed}},
		Counters{"mortgage_load_predictions_total", "Predictions received.", l.outcomes[:]},
	))
	mux.HandleFunc("GET /traffic", func(w http.ResponseWriter, _ *http.Request) { l.writeTraffic(w) })
	mux.HandleFunc("POST /slice", func(w http.ResponseWriter, r *http.Request) {
		name, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256))
		if err == nil {
			err = l.Turn(strings.TrimSpace(string(name)))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		slog.Info("traffic turned", "slice", string(name))
		l.writeTraffic(w)
	})
	return mux
}

func (l *Load) writeTraffic(out io.Writer) { _ = json.NewEncoder(out).Encode(l.Traffic()) }

func runLoad(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	url := flags.String("url", env("MORTGAGE_URL", ""), "where the server is, such as http://10.96.0.20")
	folder := flags.String("data", "/data", "folder of NAME.csv, one for each slice")
	first := flags.String("slice", "calm", "the slice to begin with")
	rate := flags.Float64("rate", 20, "requests a second, 0.1 to 1000")
	listen := flags.String("listen", loadAddress, "address for /metrics, /traffic and /slice")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *url == "":
		return errors.New("--url is needed")
	case !(*rate >= 0.1 && *rate <= 1000):
		return fmt.Errorf("--rate %v is not between 0.1 and 1000", *rate)
	}
	rows, err := ReadSlices(*folder)
	if err != nil {
		return err
	}
	load, err := NewLoad(*url, rows, *first)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	control := newHTTPServer(load.Handler())
	go func() { _ = control.Serve(listener) }() // ends with the Close below
	defer control.Close()
	if load.WaitReady(ctx) == nil {
		slog.Info("sending", "url", *url, "slice", *first, "rate", *rate)
		load.Send(ctx, *rate)
	}
	load.writeTraffic(out)
	return nil
}

func runTurn(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: mortgage turn SLICE")
	}
	return ask(ctx, http.MethodPost, "/slice", args[0], out)
}

func runTraffic(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 0 {
		return errors.New("usage: mortgage traffic")
	}
	return ask(ctx, http.MethodGet, "/traffic", "", out)
}

// ask talks to the load in the same pod.
func ask(ctx context.Context, method, path, body string, out io.Writer) error {
	address := env("MORTGAGE_LOAD", "http://"+loadAddress)
	request, err := http.NewRequestWithContext(ctx, method, address+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: answerWithin}).Do(request)
	if err != nil {
		return fmt.Errorf("no load runs here: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxRequestBytes))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", bytes.TrimSpace(text))
	}
	_, err = out.Write(text)
	return err
}
