// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { CheckRealClient } from '../index.mjs';
import retry from '../lib/retry.js';
import errors from '../lib/errors.js';
import { fake, refusal, USAGE } from './fake.mjs';

const NOW = { 'retry-after': '0' };
const DONE = { body: { request_id: 'req_2', verdict: { label: 'AUTHENTIC' } } };

test('429 and 5xx are tried again, under one idempotency key', async (t) => {
  const replies = [
    refusal(429, 'RATE_LIMIT_EXCEEDED', NOW),
    refusal(503, 'OVERLOADED', NOW),
    { status: 502, headers: NOW, body: '<html>' },
    DONE,
  ];
  const { asked, client } = await fake(t, replies);
  const result = await client.analyze({ image: Buffer.from('picture') });
  assert.equal(result.verdict.label, 'AUTHENTIC');
  const keys = new Set(asked.map((one) => one.headers['idempotency-key']));
  assert.equal(asked.length, 4);
  assert.equal(keys.size, 1);
  assert.match([...keys][0], /^[0-9a-f-]{36}$/);
  assert.ok(asked.every((one) => one.body.includes('picture')));
});

test('other refusals are not tried again', async (t) => {
  // After 408 and 421 `fetch` itself asks once more on a new connection, as its standard has it.
  for (const status of [400, 401, 403, 404, 413, 422]) {
    const { asked, client } = await fake(t, [refusal(status, 'SOMETHING', NOW)]);
    await assert.rejects(client.getUsage(), { status, code: 'SOMETHING', requestId: 'req_1' });
    assert.equal(asked.length, 1, String(status));
  }
});

test('attempts end', async (t) => {
  const { asked, client } = await fake(t, [refusal(500, 'INTERNAL_ERROR', NOW)], { maxAttempts: 3 });
  await assert.rejects(client.getUsage(), errors.ServerError);
  assert.equal(asked.length, 3);
});

test('Retry-After is waited for, and one that is too long is not', async (t) => {
  const slow = await fake(t, [refusal(429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': '1' }), USAGE]);
  const start = Date.now();
  await slow.client.getUsage();
  assert.ok(Date.now() - start >= 990);
  const day = await fake(t, [refusal(429, 'QUOTA_EXCEEDED', { 'retry-after': '40000' })]);
  await assert.rejects(day.client.getUsage(), (error) => {
    assert.ok(error instanceof errors.QuotaExceededError);
    return error.retryAfter === 40_000;
  });
  assert.equal(day.asked.length, 1);
});

test('delays grow, have a ceiling and are drawn evenly below it', () => {
  const settings = { maxAttempts: 99, maxRetryAfterMs: 60_000 };
  const failed = { status: 500, retryAfter: null };
  const delays = (random) =>
    [1, 2, 3, 9].map((attempt) => retry.delayAfter(failed, attempt, settings, () => random));
  assert.deepEqual(delays(1), [500, 1_000, 2_000, 8_000]);
  assert.deepEqual(delays(0), [0, 0, 0, 0]);
  assert.equal(retry.delayAfter(failed, 99, settings), null);
});

test('Retry-After may be a date, and nonsense is none', () => {
  const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
  assert.equal(errors.retryAfterOf(date, Date.parse(date) - 2_500), 3);
  assert.equal(errors.retryAfterOf(date, Date.parse(date) + 1), 0);
  for (const text of ['soon', '1e9', '', '99999999999', null]) {
    assert.equal(errors.retryAfterOf(text), null, String(text));
  }
});

test('a connection that fails before an answer is tried again', async (t) => {
  const { asked, client } = await fake(t, [(request) => request.socket.destroy(), USAGE]);
  assert.equal((await client.getUsage()).organisation, 'acme');
  assert.equal(asked.length, 2);
});

test('an answer that breaks off is not tried again', async (t) => {
  const cut = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"a');
    setTimeout(() => response.destroy(), 20);
  };
  const { asked, client } = await fake(t, [cut]);
  await assert.rejects(client.getUsage(), (error) => {
    assert.ok(error instanceof errors.ConnectionFailedError);
    return error.hadBegun && error.code === 'CONNECTION_FAILED' && error.status === null;
  });
  assert.equal(asked.length, 1);
});

test('a server that is not there is an error of its own', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => gone.once('listening', resolve));
  const { port } = gone.address();
  await new Promise((resolve) => gone.close(resolve));
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const client = new CheckRealClient({ apiKey: 'a-key', baseUrl, maxAttempts: 1 });
  await assert.rejects(client.getUsage(), /There was no answer: ECONNREFUSED/);
});

test('a time limit holds for head and body', async (t) => {
  const silent = await fake(t, [() => {}], { timeoutMs: 100 });
  await assert.rejects(silent.client.getUsage(), errors.RequestTimeoutError);
  const dripping = (_, response) => response.writeHead(200).write('{');
  const slow = await fake(t, [dripping]);
  await assert.rejects(slow.client.getUsage({ timeoutMs: 100 }), { code: 'TIMEOUT' });
  assert.equal(slow.asked.length, 1);
});

test('a signal ends a request, and a wait between attempts', async (t) => {
  const silent = await fake(t, [() => {}]);
  const waiting = await fake(t, [refusal(429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': '30' })]);
  for (const { client } of [silent, waiting]) {
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 100);
    await assert.rejects(client.getUsage({ signal: ending.signal }), /enough/);
    await assert.rejects(client.getUsage({ signal: ending.signal }), /enough/);
  }
  assert.equal(silent.asked.length, 1);
});
