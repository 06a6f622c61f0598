// Mortgage serves a model over HTTP and sends it traffic.
//
//	mortgage serve   answers predictions
//	mortgage load    replays rows of a table against a server
//	mortgage turn    tells a running load which table to send
//	mortgage traffic prints what a running load has counted
//	mortgage targets tells Prometheus where the pods are
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: mortgage COMMAND [flags]

  serve              answer predictions (flags: --model, --digest, --listen, --drain)
  load               replay rows against a server (flags: --url, --data, --slice, --rate, --listen)
  turn SLICE         tell the load in this pod to send another slice: calm, turned, …
  traffic            print what the load in this pod has counted, as one line of JSON
  targets            tell the Prometheus in this pod where the model's pods are
`

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "mortgage:", err)
		os.Exit(1)
	}
}

// run carries out one command; ctx ends when the process is asked to stop.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("no command\n\n" + usage)
	}
	switch command, rest := args[0], args[1:]; command {
	case "serve":
		return runServe(ctx, rest)
	case "load":
		return runLoad(ctx, rest, out)
	case "turn":
		return runTurn(ctx, rest, out)
	case "traffic":
		return runTraffic(ctx, rest, out)
	case "targets":
		return runTargets(ctx, rest)
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	default:
		return fmt.Errorf("unknown command %q\n\n%s", command, usage)
	}
}

// env is the value of a variable, or a default where it is unset or empty.
func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
