// SPDX-License-Identifier: MIT OR Apache-2.0

// Claims intake: photos are screened before an adjuster sees them.
//
//	go run ./examples/insurance claim-78234 photo-1.jpg photo-2.jpg
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	checkreality "github.com/checkreality/go-sdk"
)

var actions = map[string]string{
	checkreality.RiskHigh:   "escalate to SIU",
	checkreality.RiskMedium: "warn the adjuster",
	checkreality.RiskLow:    "proceed",
}

func main() {
	client, err := checkreality.NewCheckRealClient(checkreality.Config{})
	if err != nil {
		log.Fatal(err)
	}
	claim, photos := os.Args[1], os.Args[2:]
	for i, photo := range photos {
		if err := screen(client, photo, fmt.Sprintf("%s-photo-%d", claim, i+1)); err != nil {
			log.Fatal(err)
		}
	}
}

// screen prints what the claims database keeps of a photo.
func screen(client *checkreality.CheckRealClient, photo, referenceID string) error {
	result, err := client.Analyze(context.Background(), checkreality.AnalyzeRequest{
		ImagePath:   photo,
		ReferenceID: referenceID,
		Options:     checkreality.Options{Policy: "insurance-claims"},
	})
	var failed *checkreality.CheckRealError
	if errors.Is(err, checkreality.ErrUnprocessableImage) && errors.As(err, &failed) {
		fmt.Println(referenceID, "ask for another photo:", failed.Code, failed.RequestID)
		return nil
	}
	if err != nil {
		return err
	}
	action := actions[result.Verdict.RiskLevel]
	fmt.Println(referenceID, action, result.Verdict.Label, result.RequestID, result.ImageInfo.SHA256)
	return nil
}
