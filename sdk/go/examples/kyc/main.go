// SPDX-License-Identifier: MIT OR Apache-2.0

// Identity: a document's photo and a selfie.
//
//	go run ./examples/kyc document.jpg selfie.jpg
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	checkreality "github.com/checkreality/go-sdk"
)

func main() {
	document, err := examined(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	selfie, err := examined(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(decision(document.Verdict, selfie.Verdict), document.RequestID, selfie.RequestID)
}

func examined(path string) (*checkreality.Analysis, error) {
	client, err := checkreality.NewCheckRealClient(checkreality.Config{})
	if err != nil {
		return nil, err
	}
	return client.Analyze(context.Background(), checkreality.AnalyzeRequest{
		ImagePath: path,
		Options: checkreality.Options{
			Models: []string{"gan", "diffusion", "splicing"},
			Policy: "kyc",
		},
	})
}

func decision(document, selfie checkreality.Verdict) string {
	switch {
	case selfie.Label == checkreality.LabelAIGenerated && selfie.RiskLevel == checkreality.RiskHigh:
		return "reject"
	case document.RiskLevel == checkreality.RiskLow && selfie.RiskLevel == checkreality.RiskLow:
		return "go on to liveness"
	default:
		return "step up"
	}
}
