package main

import (
	"net/netip"
	"strings"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

const zone = ".svc.cluster.local."

// Answers stay in one small packet.
const maxAddresses = 24

type names struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

// addresses gives those of a Service, or of its ready pods when it is headless, and
// whether there is such a Service.
func (n names) addresses(name string) ([]netip.Addr, bool) {
	path, inside := strings.CutSuffix(strings.ToLower(name), zone)
	service, namespace, two := strings.Cut(path, ".")
	if !inside || !two {
		return nil, false
	}
	found, err := n.services.Services(namespace).Get(service)
	if err != nil {
		return nil, false
	}
	if found.Spec.ClusterIP != core.ClusterIPNone {
		return parse(nil, found.Spec.ClusterIP), true
	}
	slices, err := n.slices.EndpointSlices(namespace).List(labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: service}))
	if err != nil {
		return nil, true
	}
	var all []netip.Addr
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			if ready(endpoint) || found.Spec.PublishNotReadyAddresses {
				all = parse(all, endpoint.Addresses...)
			}
		}
	}
	return all[:min(len(all), maxAddresses)], true
}

// parse adds the IPv4 addresses among the texts.
func parse(all []netip.Addr, texts ...string) []netip.Addr {
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil && address.Is4() {
			all = append(all, address)
		}
	}
	return all
}
