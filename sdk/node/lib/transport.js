// SPDX-License-Identifier: MIT OR Apache-2.0
// One request to the API: its head, its attempts, its time limit.
'use strict';

const { randomUUID } = require('node:crypto');
const { version } = require('../package.json');
const errors = require('./errors.js');
const { delayAfter, pause } = require('./retry.js');

/** The API of the region us-east-1. */
const BASE_URL = 'https://api.checkreality.ai/v1';
/** Largest answer that is read, bytes: two PNGs of 100 million pixels fit. */
const LARGEST_ANSWER = 512 * 2 ** 20;
/** Node ends a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

class Transport {
  #key;
  #baseUrl;
  #fetch;
  #settings;
  /** Where the organisation stood in the minute at the last answer. */
  rateLimit = null;

  constructor(options = {}) {
    const key = (options.apiKey ?? process.env.CHECKREAL_API_KEY ?? '').trim();
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new TypeError('apiKey is needed: pass it, or set CHECKREAL_API_KEY');
    }
    const url = options.baseUrl ?? (process.env.CHECKREAL_BASE_URL || BASE_URL);
    if (!/^https?:$/.test(new URL(url).protocol)) {
      throw new TypeError('baseUrl must begin with https:// or http://');
    }
    this.#key = key;
    this.#baseUrl = url.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#settings = {
      timeoutMs: positive('timeoutMs', options.timeoutMs ?? 60_000),
      maxAttempts: positive('maxAttempts', options.maxAttempts ?? 4),
      maxRetryAfterMs: options.maxRetryAfterMs ?? 60_000,
    };
  }

  /**
   * Sends until there is an answer or no sense in trying again. `content` makes the body and its
   * headers, anew for each attempt.
   */
  async send(method, path, content, options = {}) {
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${this.#key}`,
      'user-agent': `checkreality-sdk-node/${version}`,
    };
    if (method === 'POST') headers['idempotency-key'] = keyOf(options.idempotencyKey);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(method, path, headers, content?.() ?? {}, options);
      } catch (error) {
        const delay = delayAfter(error, attempt, this.#settings);
        if (delay === null) throw error;
        await pause(delay, options.signal);
      }
    }
  }

  /** One answer of success; anything else is thrown. */
  async #attempt(method, path, headers, content, options) {
    const answer = await this.#exchange(method, path, headers, content, options);
    this.#note(answer.headers);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw errors.errorOf(answer);
  }

  async #exchange(method, path, headers, content, { signal, timeoutMs }) {
    signal?.throwIfAborted();
    const limit = positive('timeoutMs', timeoutMs ?? this.#settings.timeoutMs);
    const ending = new AbortController();
    const expire = () => {
      ending.abort(new errors.RequestTimeoutError(`There was no answer within ${limit} ms.`));
    };
    const timer = setTimeout(expire, Math.min(limit, LONGEST_TIMER_MS));
    const cancel = () => ending.abort(signal.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    let hadBegun = false;
    try {
      const response = await this.#fetch(this.#baseUrl + path, {
        method,
        headers: { ...headers, ...content.headers },
        body: content.body,
        // The key goes to nobody else.
        redirect: 'manual',
        signal: ending.signal,
      });
      hadBegun = true;
      return {
        status: response.status,
        headers: response.headers,
        bytes: await wholeBody(response),
      };
    } catch (cause) {
      if (ending.signal.aborted) throw ending.signal.reason;
      if (cause instanceof errors.CheckRealError) throw cause;
      const why = cause?.cause?.code ?? cause?.message ?? String(cause);
      const what = hadBegun ? 'The answer broke off' : 'There was no answer';
      throw new errors.ConnectionFailedError(`${what}: ${why}.`, { cause, hadBegun });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  #note(headers) {
    const number = (name) => {
      const text = headers.get(`x-ratelimit-${name}`);
      return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
    };
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(number);
    if (limit === null || remaining === null || reset === null) return;
    this.rateLimit = { limit, remaining, reset: new Date(reset * 1_000) };
  }
}

function positive(name, value) {
  if (!(Number.isFinite(value) && value >= 1)) throw new TypeError(`${name} must be at least 1`);
  return value;
}

function keyOf(given = randomUUID()) {
  // Anything else cannot stand in a header.
  if (typeof given === 'string' && /^[\x20-\x7e]{1,255}$/.test(given)) return given;
  throw new TypeError('idempotencyKey must be 1 to 255 ASCII characters');
}

async function wholeBody(response) {
  const chunks = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LARGEST_ANSWER) {
      const { status } = response;
      throw new errors.CheckRealError('The answer is larger than any of the API.', { status });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

module.exports = { Transport };
