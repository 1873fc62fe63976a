// SPDX-License-Identifier: MIT OR Apache-2.0

// What a caller does with errors:
//
//	go run ./examples/errors photo.jpg
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	checkreality "github.com/checkreality/go-sdk"
)

func main() {
	config := checkreality.Config{Timeout: 30 * time.Second, MaxAttempts: 3}
	client, err := checkreality.NewCheckRealClient(config)
	if err != nil {
		log.Fatal(err)
	}
	request := checkreality.AnalyzeRequest{ImagePath: os.Args[1]}
	result, err := client.Analyze(context.Background(), request)
	var failed *checkreality.CheckRealError
	switch {
	case err == nil:
		fmt.Println(result.Verdict.Label)
	case !errors.As(err, &failed):
		log.Fatal(err)
	case errors.Is(err, checkreality.ErrUnprocessableImage):
		fmt.Println("another image:", failed.Code)
	case errors.Is(err, checkreality.ErrQuotaExceeded):
		fmt.Println("again in", failed.RetryAfter)
	default:
		fmt.Println(failed.Code, failed.RequestID)
	}
}
