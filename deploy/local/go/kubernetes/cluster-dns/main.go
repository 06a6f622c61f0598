// Cluster-dns answers for the names of Services, out of the API server's own list.
// It knows A records of NAME.NAMESPACE.svc.cluster.local and nothing else.
//
// Usage: cluster-dns KUBECONFIG ADDRESS:PORT HEALTH-ADDRESS:PORT
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	discovery "k8s.io/api/discovery/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: cluster-dns KUBECONFIG ADDRESS:PORT HEALTH-ADDRESS:PORT")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster-dns:", err)
		os.Exit(1)
	}
}

// run answers until it cannot; it says that it is well once the lists are complete.
func run(ctx context.Context, kubeconfig, address, health string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	services := factory.Core().V1().Services().Lister()
	slices := factory.Discovery().V1().EndpointSlices().Lister()
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("no list of %v", kind)
		}
	}
	socket, err := net.ListenPacket("udp4", address)
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() {
		ended <- http.ListenAndServe(health, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, "ok")
		}))
	}()
	go func() { ended <- serve(socket, names{services, slices}) }()
	return <-ended
}

// serve answers one question after the other; each is a look-up in memory.
func serve(socket net.PacketConn, names names) error {
	question := make([]byte, 512)
	for {
		length, from, err := socket.ReadFrom(question)
		if err != nil {
			return err
		}
		answer, err := reply(question[:length], names.addresses)
		if err != nil {
			continue // no question: there is nothing to answer
		}
		if _, err := socket.WriteTo(answer, from); err != nil {
			fmt.Fprintln(os.Stderr, "cluster-dns:", err)
		}
	}
}

// ready tells whether an endpoint takes requests; unknown counts as yes.
func ready(endpoint discovery.Endpoint) bool {
	return endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready
}
