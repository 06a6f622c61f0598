package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	targetsAddress = "127.0.0.1:8082"
	accountFolder  = "/var/run/secrets/kubernetes.io/serviceaccount"
	maxListBytes   = 8 << 20
)

// Finder lists pods for Prometheus by its HTTP service discovery: Debian's Prometheus is built
// without the Kubernetes one. It may do what its service account may: list pods in one namespace.
type Finder struct {
	api       string // https://host:port
	account   string // folder with the token, read anew each time because it is renewed
	namespace string
	selector  string
	port      int
	client    *http.Client
}

// Target is one entry of the answer that Prometheus asks for.
type Target struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// podList is what is read of a Kubernetes PodList.
type podList struct {
	Metadata struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	Items []struct {
		Metadata struct {
			Name              string `json:"name"`
			DeletionTimestamp string `json:"deletionTimestamp"`
		} `json:"metadata"`
		Status struct {
			Phase string `json:"phase"`
			PodIP string `json:"podIP"`
		} `json:"status"`
	} `json:"items"`
}

// Targets asks the API server. An error is never an empty list: Prometheus then keeps the list it has.
func (f *Finder) Targets(ctx context.Context) ([]Target, error) {
	token, err := os.ReadFile(filepath.Join(f.account, "token"))
	if err != nil {
		return nil, err
	}
	query := url.Values{"labelSelector": {f.selector}, "limit": {"500"}}
	path := fmt.Sprintf("%s/api/v1/namespaces/%s/pods?%s", f.api, url.PathEscape(f.namespace), query.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("Accept", "application/json")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("listing pods in %s: %s", f.namespace, response.Status)
	}
	var pods podList
	if err := json.NewDecoder(io.LimitReader(response.Body, maxListBytes)).Decode(&pods); err != nil {
		return nil, fmt.Errorf("listing pods in %s: %w", f.namespace, err)
	}
	if pods.Metadata.Continue != "" {
		return nil, fmt.Errorf("more than 500 pods in %s", f.namespace)
	}
	targets := []Target{}
	for _, pod := range pods.Items {
		// A pod that is being stopped gets no new requests; what it did says nothing about what serves now.
		stopping := pod.Metadata.DeletionTimestamp != ""
		if pod.Status.Phase == "Running" && pod.Status.PodIP != "" && !stopping {
			targets = append(targets, Target{
				Targets: []string{net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(f.port))},
				Labels:  map[string]string{"namespace": f.namespace, "pod": pod.Metadata.Name},
			})
		}
	}
	return targets, nil
}

func (f *Finder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	targets, err := f.Targets(r.Context())
	if err != nil {
		slog.Warn("no targets", "error", err.Error())
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(targets)
}

// NewFinder trusts the cluster's own authority and nothing else.
func NewFinder(api, account string) (*Finder, error) {
	authority, err := os.ReadFile(filepath.Join(account, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, errors.New("the service account's ca.crt holds no certificate")
	}
	return &Finder{
		api: api, account: account,
		client: &http.Client{
			Timeout:   answerWithin,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
		},
	}, nil
}

func runTargets(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("targets", flag.ContinueOnError)
	namespace := flags.String("namespace", "", "where the pods are")
	selector := flags.String("selector", "", "labels of the pods, such as app=model")
	port := flags.Int("port", 8080, "port to scrape")
	listen := flags.String("listen", targetsAddress, "address to answer Prometheus on")
	account := flags.String("account", accountFolder, "folder of the service account")
	if err := flags.Parse(args); err != nil {
		return err
	}
	host, hostPort := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	switch {
	case *namespace == "" || *selector == "":
		return errors.New("--namespace and --selector are needed")
	case *port < 1 || *port > 65535:
		return fmt.Errorf("--port %d is no port", *port)
	case host == "" || hostPort == "":
		return errors.New("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is not a pod")
	}
	finder, err := NewFinder("https://"+net.JoinHostPort(host, hostPort), *account)
	if err != nil {
		return err
	}
	finder.namespace, finder.selector, finder.port = *namespace, *selector, *port
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := newHTTPServer(finder)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("finding pods", "namespace", *namespace, "selector", *selector)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return server.Shutdown(stopping)
}
