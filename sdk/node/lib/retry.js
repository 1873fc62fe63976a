// SPDX-License-Identifier: MIT OR Apache-2.0
// What is tried again, and when: 429 and 5xx, and connections that failed before there was an answer.
// Every POST has an idempotency key, so that what is sent twice is done and charged once.
'use strict';

const { setTimeout: wait } = require('node:timers/promises');
const { ConnectionFailedError } = require('./errors.js');

/** First ceiling of the delay; it doubles with each attempt. */
const FIRST_DELAY_MS = 500;
/** Longest delay of our own choice. */
const LONGEST_DELAY_MS = 8_000;

/**
 * How long to wait after a failed attempt, ms; null where it is not to be tried again.
 * A delay of ours is drawn evenly from zero to its ceiling, so that clients that failed together do not
 * come back together.
 */
function delayAfter(error, attempt, { maxAttempts, maxRetryAfterMs }, random = Math.random) {
  const isTransient =
    error instanceof ConnectionFailedError ? !error.hadBegun : isTransientStatus(error?.status);
  if (!isTransient || attempt >= maxAttempts) return null;
  if (error.retryAfter !== null) {
    const asked = error.retryAfter * 1_000;
    return asked <= maxRetryAfterMs ? asked : null;
  }
  return random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
}

function isTransientStatus(status) {
  return status === 429 || (status >= 500 && status < 600);
}

/** Waits, unless the signal says otherwise: then it throws the signal's reason. */
async function pause(ms, signal) {
  signal?.throwIfAborted();
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

module.exports = { delayAfter, pause };
