// Web answers every request with the name of its pod. "web say WORDS" leaves the
// words as its termination message, and "web ask URL" what is answered there.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	switch {
	case len(words) == 2 && words[0] == "say":
		return leave([]byte(words[1]))
	case len(words) == 2 && words[0] == "ask":
		client := http.Client{Timeout: 5 * time.Second}
		answer, err := client.Get(words[1])
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
		if err != nil {
			return err
		}
		return leave(text)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "pod", os.Getenv("HOSTNAME"))
	})
	fmt.Println("listening")
	return http.ListenAndServe(":8080", nil)
}

func leave(text []byte) error { return os.WriteFile("/dev/termination-log", text, 0o644) }
