package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func newLoad(t *testing.T, url string) *Load {
	t.Helper()
	rows, err := ReadSlices("../data")
	if err != nil {
		t.Fatal(err)
	}
	load, err := NewLoad(url, rows, "calm")
	if err != nil {
		t.Fatal(err)
	}
	return load
}

func TestRowsCarryNoRaceAndNoOutcome(t *testing.T) {
	bodies, err := readRows("../data/turned.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range notInputs {
		if bytes.Contains(bodies[0], []byte(`"`+name+`"`)) {
			t.Errorf("%s is sent: %s", name, bodies[0])
		}
	}
}

func TestCountsWhatIsNotAnswered(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch calls.Add(1) {
		case 1:
			fmt.Fprint(w, `{"deny":1,"score":0.9,"version":"x"}`)
		case 2:
			http.Error(w, "no", http.StatusInternalServerError)
		case 3:
			fmt.Fprint(w, `{"deny":7}`)
		case 4:
			fmt.Fprint(w, `{"den`)
		default:
			panic(http.ErrAbortHandler) // cuts the connection
		}
	}))
	load := newLoad(t, server.URL)
	for range 5 {
		load.count(load.one(load.take()))
	}
	server.Close()
	load.count(load.one(load.take())) // nobody listens
	if got := load.Traffic(); got.Ok != 1 || got.Failed != 5 || got.Denied != 1 || got.LastFailure == "" {
		t.Errorf("got %+v", got)
	}
	if calls.Load() != 5 {
		t.Errorf("%d requests for 5 rows: something was tried twice", calls.Load())
	}
}

func TestTurnsWhileSending(t *testing.T) {
	server := httptest.NewServer(NewServer(readModel(t, "v3")).Handler())
	defer server.Close()
	load := newLoad(t, server.URL)
	control := httptest.NewServer(load.Handler())
	defer control.Close()
	t.Setenv("MORTGAGE_LOAD", control.URL)

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { load.Send(ctx, 500); close(done) }()
	waitFor(t, func() bool { return load.Traffic().Ok >= 50 })
	calm := load.Traffic()

	var out bytes.Buffer
	if err := run(t.Context(), []string{"turn", "sideways"}, &out); err == nil || !strings.Contains(err.Error(), "calm, evaluation, turned") {
		t.Errorf("an unknown slice: %v", err)
	}
	if err := run(t.Context(), []string{"turn", "turned"}, &out); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return load.Traffic().Ok >= calm.Ok+100 })
	stop()
	<-done
	turned := load.Traffic()
	if turned.Failed != 0 || turned.Slice != "turned" {
		t.Errorf("got %+v", turned)
	}
	before, after := float64(calm.Denied)/float64(calm.Ok), float64(turned.Denied-calm.Denied)/float64(turned.Ok-calm.Ok)
	if before > 0.3 || after < 0.5 {
		t.Errorf("denied %.2f, then %.2f after the turn", before, after)
	}

	out.Reset()
	if err := run(t.Context(), []string{"traffic"}, &out); err != nil || !strings.Contains(out.String(), fmt.Sprintf(`"ok":%d,"failed":0`, turned.Ok)) {
		t.Errorf("traffic: %v %s", err, out.String())
	}
	if _, text := get(t, control.URL+"/metrics"); !strings.Contains(text, fmt.Sprintf("mortgage_load_requests_total{result=\"ok\"} %d\n", turned.Ok)) {
		t.Errorf("metrics:\n%s", text)
	}
}

func waitFor(t *testing.T, reached func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !reached() {
		if time.Now().After(deadline) {
			t.Fatal("not reached in 20 s")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestRefusesBadTables(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no rows": "a,b\n", "text": "a,b\n1,x\n", "ragged": "a,b\n1\n",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "calm.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSlices(folder); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := ReadSlices(t.TempDir()); err == nil {
		t.Error("an empty folder was accepted")
	}
}

func TestRefusesBadFlags(t *testing.T) {
	for _, args := range [][]string{
		{}, {"dance"}, {"load"}, {"load", "--url", "http://127.0.0.1:1", "--rate", "0"}, {"load", "--url", "http://127.0.0.1:1", "--rate", "NaN"},
		{"load", "--url", "http://127.0.0.1:1", "--data", "../data", "--slice", "sideways"}, {"turn"}, {"traffic", "x"}, {"serve", "--model", "/nonexistent"}, {"targets"}, {"targets", "--namespace", "a", "--selector", "b", "--port", "0"},
	} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
