// SPDX-License-Identifier: MIT OR Apache-2.0
// Batches: polled slower and slower, page after page.
'use strict';

const { RequestTimeoutError } = require('./errors.js');
const { pause } = require('./retry.js');

/** How much longer each wait is than the one before. */
const GROWTH = 1.5;
/** Longest wait between two looks: 12 requests a minute, of the 60 of the smallest plan. */
const LONGEST_POLL_MS = 5_000;

/** The pages of a batch until all images are done, each with results that no page before it had. */
async function* pages(client, batchId, options = {}) {
  const { pollIntervalMs = 1_000, timeoutMs = 3_600_000, pageSize = 100, signal } = options;
  const end = Date.now() + timeoutMs;
  let cursor;
  let delay = pollIntervalMs;
  for (;;) {
    const page = await client.getBatch(batchId, { limit: pageSize, cursor, signal });
    yield page;
    if (!page.nextCursor) return;
    cursor = page.nextCursor;
    // A full page has another one behind it, or will soon.
    if (page.results.length >= pageSize) continue;
    if (Date.now() + delay > end) {
      throw new RequestTimeoutError(`The batch was not done within ${timeoutMs} ms.`);
    }
    await pause(delay, signal);
    delay = Math.min(delay * GROWTH, Math.max(pollIntervalMs, LONGEST_POLL_MS));
  }
}

async function* batchResults(client, batchId, options) {
  for await (const page of pages(client, batchId, options)) yield* page.results;
}

async function finishedBatch(client, batchId, options) {
  const results = [];
  let last;
  for await (const page of pages(client, batchId, options)) {
    results.push(...page.results);
    last = page;
  }
  return { ...last, results };
}

module.exports = { batchResults, finishedBatch };
