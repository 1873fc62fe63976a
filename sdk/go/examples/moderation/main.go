// SPDX-License-Identifier: MIT OR Apache-2.0

// Moderation: uploads are collected into a batch, and a webhook tells when it is done.
//
//	go run ./examples/moderation upload-1.jpg upload-2.jpg
//
// CHECKREAL_WEBHOOK_SECRET is the organisation's secret, WEBHOOK_URL where this program is reached from
// outside; without it only a server on this machine reaches it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	checkreality "github.com/checkreality/go-sdk"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan string, 1)
	go func() { log.Fatal(http.Serve(listener, receiver(done))) }()
	here := os.Getenv("WEBHOOK_URL")
	if here == "" {
		here = "http://" + listener.Addr().String() + "/"
	}
	if err := moderate(os.Args[1:], here, done); err != nil {
		log.Fatal(err)
	}
}

// receiver answers first; the work is done elsewhere, as the API waits 10 s.
func receiver(done chan<- string) http.HandlerFunc {
	secret := os.Getenv("CHECKREAL_WEBHOOK_SECRET")
	return func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			return
		}
		event, err := checkreality.ReadWebhook(payload, r.Header, secret)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
		if event.Event == checkreality.EventBatchComplete {
			done <- event.BatchID
		}
	}
}

func moderate(uploads []string, webhookURL string, done <-chan string) error {
	client, err := checkreality.NewCheckRealClient(checkreality.Config{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	request := checkreality.BatchRequest{
		Options:    checkreality.Options{Policy: "content-moderation"},
		WebhookURL: webhookURL,
	}
	for _, path := range uploads {
		image := checkreality.BatchImage{ImagePath: path, ReferenceID: path}
		request.Images = append(request.Images, image)
	}
	if _, err := client.AnalyzeBatch(ctx, request); err != nil {
		return err
	}
	results := client.BatchResults(ctx, <-done, checkreality.PollOptions{})
	for results.Next() {
		result := results.Result()
		if result.Verdict != nil && result.Verdict.RiskLevel == checkreality.RiskLow {
			fmt.Println("publish", result.ReferenceID)
		} else {
			fmt.Println("hold", result.ReferenceID)
		}
	}
	return results.Err()
}
