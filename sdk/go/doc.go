// SPDX-License-Identifier: MIT OR Apache-2.0

// Package checkreality is a client of the image authentication API: analysis, batches, webhooks.
//
// A client may be used by many goroutines. Every method takes a context first, and returns a
// *CheckRealError for what the API refuses and for what does not reach it; errors.Is tells what kind
// it is:
//
//	if errors.Is(err, checkreality.ErrUnprocessableImage) { … }
package checkreality

// Version is the package's version.
const Version = "0.1.0"
