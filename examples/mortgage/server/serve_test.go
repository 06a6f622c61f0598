package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func readModel(t *testing.T, version string) *Model {
	t.Helper()
	model, err := ReadModel("../evidence/"+version+"/model.json", "")
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var table []map[string]string
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		table = append(table, cells)
	}
	return table
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	response, err := http.Post(url+"/predict", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// What is served is what was evaluated: every row of the evidence gets the same answer over HTTP.
func TestServesWhatWasEvaluated(t *testing.T) {
	bodies, err := readRows("../data/evaluation.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v2", "v3"} {
		server := httptest.NewServer(NewServer(readModel(t, version)).Handler())
		expected := readTable(t, "../evidence/"+version+"/predictions.csv")
		if len(expected) != len(bodies) {
			t.Fatalf("%s: %d predictions for %d rows", version, len(expected), len(bodies))
		}
		for i, body := range bodies {
			status, text := post(t, server.URL, string(body))
			var got Prediction
			if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
				t.Fatalf("%s row %d: %d %s", version, i, status, text)
			}
			score, _ := strconv.ParseFloat(expected[i]["score"], 64)
			if strconv.Itoa(got.Deny) != expected[i]["predicted"] || math.Abs(got.Score-score) > 1e-6 {
				t.Fatalf("%s application %s: got %+v, evaluated %v", version, expected[i]["application"], got, expected[i])
			}
		}
		server.Close()
	}
}

// The story of the example: v2 holds on turned traffic, v3 does not.
func TestTurnedTrafficBreaksOnlyV3(t *testing.T) {
	for version, limits := range map[string]map[string][2]float64{
		"v2": {"calm": {0, 0.15}, "turned": {0, 0.15}},
		"v3": {"calm": {0, 0.15}, "turned": {0.6, 1}},
	} {
		model := readModel(t, version)
		for slice, limit := range limits {
			bodies, err := readRows("../data/" + slice + ".csv")
			if err != nil {
				t.Fatal(err)
			}
			denied := 0
			for _, body := range bodies {
				var row map[string]*float64
				if err := json.Unmarshal(body, &row); err != nil {
					t.Fatal(err)
				}
				score, err := model.Score(row)
				if err != nil {
					t.Fatal(err)
				}
				if score >= model.Threshold {
					denied++
				}
			}
			if share := float64(denied) / float64(len(bodies)); share < limit[0] || share > limit[1] {
				t.Errorf("%s denies %.3f of %s traffic, outside %v", version, share, slice, limit)
			}
		}
	}
}

func TestRefusesTheWrongModel(t *testing.T) {
	path := "../evidence/v2/model.json"
	if _, err := ReadModel(path, readModel(t, "v2").Digest); err != nil {
		t.Error(err)
	}
	if _, err := ReadModel(path, readModel(t, "v3").Digest); err == nil || !strings.Contains(err.Error(), "has digest") {
		t.Errorf("a model with another digest was accepted: %v", err)
	}
	good := `{"name":"m","version":"1","kind":"logistic-regression","predicts":"deny","threshold":0.5,"intercept":0,"terms":[{"feature":"a","power":1,"coefficient":1}]}`
	for _, change := range [][2]string{
		{good, ""}, {good, good[:40]}, {`"deny"`, `"approve"`}, {`logistic`, `linear`}, {`0.5`, `1.5`}, {`0.5`, `0`},
		{`"power":1`, `"power":3`}, {`"a"`, `""`}, {`"name"`, `"nom"`}, {`"version":"1"`, `"version":""`}, {`[{"feature":"a","power":1,"coefficient":1}]`, `[]`},
	} {
		file := t.TempDir() + "/model.json"
		if err := os.WriteFile(file, []byte(strings.Replace(good, change[0], change[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadModel(file, ""); err == nil {
			t.Errorf("%q for %q was accepted", change[1], change[0])
		}
	}
}

func TestRefusesBadRows(t *testing.T) {
	server := httptest.NewServer(NewServer(readModel(t, "v2")).Handler())
	defer server.Close()
	bodies, err := readRows("../data/calm.csv")
	if err != nil {
		t.Fatal(err)
	}
	good := string(bodies[0])
	for name, body := range map[string]string{
		"empty": "", "not JSON": "deny", "a list": "[1]", "null": "null", "nothing": "{}",
		"null input":    strings.Replace(good, `"pirat":`, `"pirat":null,"x":`, 1),
		"text input":    strings.Replace(good, `"pirat":`, `"pirat":"high","x":`, 1),
		"missing input": strings.Replace(good, `"pirat"`, `"p"`, 1),
		"two objects":   good + good,
		"overflow":      strings.Replace(good, `"pirat":`, `"pirat":1e999,"x":`, 1),
		"too large":     `{"x":` + strings.Repeat(" ", maxRequestBytes) + "1}",
	} {
		if status, text := post(t, server.URL, body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := post(t, server.URL, good); status != http.StatusOK {
		t.Errorf("good row: %d %s", status, text)
	}
	if _, text := get(t, server.URL+"/metrics"); !strings.Contains(text, `mortgage_refused_total{version="2.0.0"} 11`) {
		t.Errorf("refusals are not counted:\n%s", text)
	}
}

func TestMetricsShowBothOutcomesFromTheStart(t *testing.T) {
	model := readModel(t, "v3")
	server := httptest.NewServer(NewServer(model).Handler())
	defer server.Close()
	_, text := get(t, server.URL+"/metrics")
	for _, line := range []string{
		`mortgage_predictions_total{version="3.0.0",deny="0"} 0`, `mortgage_predictions_total{version="3.0.0",deny="1"} 0`,
		fmt.Sprintf(`mortgage_model_info{version="3.0.0",digest="%s"} 1`, model.Digest), `mortgage_request_duration_seconds_bucket{le="+Inf"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

func TestHistogramIsCumulative(t *testing.T) {
	histogram := NewHistogram("h", "help", 1, 2)
	for _, seconds := range []float64{0.5, 1, 1.5, 9} {
		histogram.Observe(seconds)
	}
	var text strings.Builder
	histogram.write(&text)
	want := "h_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 12\nh_count 4\n"
	if !strings.HasSuffix(text.String(), want) {
		t.Errorf("got %s", text.String())
	}
}

// After being asked to stop: not ready at once, still answering while routes are withdrawn, then gone.
func TestDrainsBeforeStopping(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	server, done := NewServer(readModel(t, "v2")), make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener, 700*time.Millisecond) }()
	bodies, err := readRows("../data/calm.csv")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, url+"/readyz"); status != http.StatusOK {
		t.Fatalf("ready before: %d", status)
	}
	stop()
	for !server.draining.Load() {
		select {
		case err := <-done:
			t.Fatalf("stopped without draining: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if status, _ := get(t, url+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready while draining: %d", status)
	}
	if status, text := post(t, url, string(bodies[0])); status != http.StatusOK {
		t.Errorf("while draining: %d %s", status, text)
	}
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
	if _, err := http.Get(url + "/readyz"); err == nil {
		t.Error("still answers after it stopped")
	}
}
