// SPDX-License-Identifier: MIT OR Apache-2.0

// The first call:
//
//	go run ./examples/firstcall https://storage.example.com/photo.jpg
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	checkreality "github.com/checkreality/go-sdk"
)

func main() {
	client, err := checkreality.NewCheckRealClient(checkreality.Config{
		APIKey: os.Getenv("CHECKREAL_API_KEY"),
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.Analyze(context.Background(), checkreality.AnalyzeRequest{
		ImageURL:    os.Args[1],
		ReferenceID: "my-reference-123",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Verdict.Label)      // AUTHENTIC, AI_GENERATED, MANIPULATED or INCONCLUSIVE
	fmt.Println(result.Verdict.Confidence) // 0.0 to 1.0
	fmt.Println(result.Verdict.RiskLevel)  // LOW, MEDIUM or HIGH
}
