// SPDX-License-Identifier: MIT OR Apache-2.0
// Whether a webhook is from the API. The body must be the bytes that came: parsed and written again it
// has another signature.
'use strict';

const { createHmac, timingSafeEqual } = require('node:crypto');
const { WebhookVerificationError } = require('./errors.js');
const { camelFromSnake } = require('./names.js');

const PREFIX = 'whsec_';
/** How old or how far ahead a message may be, s. */
const TOLERANCE = 300;
/** More signatures than this are none of ours: one a secret, and two at most during a rotation. */
const MOST_SIGNATURES = 16;

/** Whether `X-CheckReal-Signature` is that of the body under the secret's text. */
function verifyWebhook(payload, signature, secret) {
  const expected = createHmac('sha256', checked(secret)).update(payload).digest('hex');
  return isSame(signature, expected);
}

/**
 * Whether the headers of Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) are
 * those of the body, and not older than the tolerance.
 */
function verifyStandardWebhook(payload, headers, secret, options = {}) {
  const { toleranceSeconds = TOLERANCE, now = Date.now() / 1_000 } = options;
  const key = keyOf(checked(secret));
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  );
  if (!id || !/^\d{1,15}$/.test(timestamp) || !signatures) return false;
  if (Math.abs(now - Number(timestamp)) > toleranceSeconds) return false;
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(payload);
  const expected = `v1,${hmac.digest('base64')}`;
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES);
  return given.some((signature) => isSame(signature, expected));
}

/** The event of a webhook with camelCase names, after `verifyStandardWebhook`. */
function readWebhook(payload, headers, secret, options) {
  if (!verifyStandardWebhook(payload, headers, secret, options)) {
    throw new WebhookVerificationError('The webhook is not from the API, or is too old.');
  }
  const raw = JSON.parse(typeof payload === 'string' ? payload : Buffer.from(payload).toString());
  return Object.defineProperty(camelFromSnake(raw), 'raw', { value: raw });
}

function checked(secret) {
  // Anyone can sign with an empty secret.
  if (typeof secret !== 'string' || secret === '') throw new TypeError('the secret is empty');
  return secret;
}

/** The bytes in base64 behind `whsec_`; a secret that has none signs by its text. */
function keyOf(secret) {
  const coded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = Buffer.from(coded, 'base64');
  return key.length > 0 && key.toString('base64') === coded ? key : Buffer.from(secret);
}

/** In a time that does not depend on where they differ; texts of another length are not the same. */
function isSame(given, expected) {
  if (typeof given !== 'string') return false;
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function headerOf(headers, name) {
  if (typeof headers?.get === 'function') return headers.get(name) ?? '';
  const found = Object.entries(headers ?? {}).find(([known]) => known.toLowerCase() === name);
  return typeof found?.[1] === 'string' ? found[1] : '';
}

module.exports = { verifyWebhook, verifyStandardWebhook, readWebhook };
