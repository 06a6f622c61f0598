package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newFinder(t *testing.T, api http.HandlerFunc) *Finder {
	t.Helper()
	server := httptest.NewTLSServer(api)
	t.Cleanup(server.Close)
	account := t.TempDir()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, text := range map[string]string{"ca.crt": string(authority), "token": "first\n"} {
		if err := os.WriteFile(filepath.Join(account, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	finder, err := NewFinder(server.URL, account)
	if err != nil {
		t.Fatal(err)
	}
	finder.namespace, finder.selector, finder.port = "lending", "app=model", 8080
	return finder
}

func TestListsRunningPods(t *testing.T) {
	var asked string
	finder := newFinder(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization") + " " + r.URL.Path + " " + r.URL.Query().Get("labelSelector")
		fmt.Fprint(w, `{"metadata":{},"items":[
			{"metadata":{"name":"a"},"status":{"phase":"Running","podIP":"10.0.0.1"}},
			{"metadata":{"name":"b"},"status":{"phase":"Pending"}},
			{"metadata":{"name":"e","deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running","podIP":"10.0.0.5"}},
			{"metadata":{"name":"c"},"status":{"phase":"Succeeded","podIP":"10.0.0.3"}},
			{"metadata":{"name":"d"},"status":{"phase":"Running","podIP":"fd00::4"}}]}`)
	})
	server := httptest.NewServer(finder)
	defer server.Close()
	status, text := get(t, server.URL)
	want := `[{"targets":["10.0.0.1:8080"],"labels":{"namespace":"lending","pod":"a"}},{"targets":["[fd00::4]:8080"],"labels":{"namespace":"lending","pod":"d"}}]`
	if status != http.StatusOK || strings.TrimSpace(text) != want {
		t.Errorf("%d %s", status, text)
	}
	if asked != "Bearer first /api/v1/namespaces/lending/pods app=model" {
		t.Errorf("asked %q", asked)
	}
	// The kubelet renews the token in place.
	if err := os.WriteFile(filepath.Join(finder.account, "token"), []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	if get(t, server.URL); !strings.HasPrefix(asked, "Bearer second ") {
		t.Errorf("asked %q after the token was renewed", asked)
	}
}

func TestAnErrorIsNotAnEmptyList(t *testing.T) {
	for name, api := range map[string]http.HandlerFunc{
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		"cut off":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"items":[`) },
		"no end": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"metadata":{"continue":"x"},"items":[]}`)
		},
	} {
		server := httptest.NewServer(newFinder(t, api))
		if status, text := get(t, server.URL); status != http.StatusBadGateway {
			t.Errorf("%s: %d %s", name, status, text)
		}
		server.Close()
	}
}

func TestTrustsOnlyTheClustersAuthority(t *testing.T) {
	finder := newFinder(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"items":[]}`) })
	if _, err := finder.Targets(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The test server's certificate is for example.com and addresses; any other name is not trusted.
	finder.api = strings.Replace(finder.api, "127.0.0.1", "localhost", 1)
	if _, err := finder.Targets(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server under another name was trusted: %v", err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "ca.crt"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFinder("https://127.0.0.1:1", folder); err == nil {
		t.Error("an authority without a certificate was accepted")
	}
}
