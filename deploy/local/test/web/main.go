// Web answers every request with the name of its pod. With an argument it leaves that
// as its termination message and ends.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) > 1 { // a job: one message, then the end
		if err := os.WriteFile("/dev/termination-log", []byte(os.Args[1]), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "pod", os.Getenv("HOSTNAME"))
	})
	fmt.Println("listening")
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":8080", nil))
	os.Exit(1)
}
