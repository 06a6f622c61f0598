package main

import (
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// reply answers the first question of a message. Names outside the cluster are
// refused, because nothing is known about them; those inside exist or do not.
func reply(message []byte, look func(string) ([]netip.Addr, bool)) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(message)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	addresses, found := look(question.Name.String())
	code := dnsmessage.RCodeSuccess
	switch {
	case found:
	case strings.HasSuffix(strings.ToLower(question.Name.String()), ".cluster.local."):
		code = dnsmessage.RCodeNameError
	default:
		code = dnsmessage.RCodeRefused
	}
	builder := dnsmessage.NewBuilder(nil, dnsmessage.Header{
		ID: header.ID, Response: true, Authoritative: true, RCode: code,
		RecursionDesired: header.RecursionDesired,
	})
	builder.EnableCompression()
	if err := builder.StartQuestions(); err != nil {
		return nil, err
	}
	if err := builder.Question(question); err != nil {
		return nil, err
	}
	if err := builder.StartAnswers(); err != nil {
		return nil, err
	}
	if question.Type == dnsmessage.TypeA && question.Class == dnsmessage.ClassINET {
		resource := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5}
		for _, address := range addresses {
			if err := builder.AResource(resource, dnsmessage.AResource{A: address.As4()}); err != nil {
				return nil, err
			}
		}
	}
	return builder.Finish()
}
