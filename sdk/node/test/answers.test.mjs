// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sdk from '../index.mjs';
import { fake, refusal, USAGE } from './fake.mjs';

test('an answer has camelCase names, and data keeps its own', async (t) => {
  const body = {
    request_id: 'req_1',
    verdict: { label: 'AI_GENERATED', risk_level: 'HIGH', p_ai_generated: 0.94 },
    model_results: { gan_detection: { score: 0.9, duration_ms: 1.5, exif_present: false } },
    findings: [{ values: { period_px: 8 } }],
    image_info: { file_size_bytes: 3, sha256: 'aa' },
    of_the_future: { new_name: 1 },
  };
  const { client } = await fake(t, [{ body }]);
  const result = await client.getAnalysis('req_1');
  assert.deepEqual(
    { ...result },
    {
      requestId: 'req_1',
      verdict: { label: 'AI_GENERATED', riskLevel: 'HIGH', pAiGenerated: 0.94 },
      modelResults: { gan_detection: { score: 0.9, durationMs: 1.5, exifPresent: false } },
      findings: [{ values: { period_px: 8 } }],
      imageInfo: { fileSizeBytes: 3, sha256: 'aa' },
      ofTheFuture: { newName: 1 },
    },
  );
  assert.deepEqual(result.raw, body);
});

test('errors have a class, the code and the request\'s name', async (t) => {
  const cases = [
    [401, 'INVALID_API_KEY', sdk.AuthenticationError],
    [403, 'FORBIDDEN', sdk.PermissionDeniedError],
    [400, 'INVALID_REQUEST', sdk.InvalidRequestError],
    [413, 'BATCH_TOO_LARGE', sdk.InvalidRequestError],
    [422, 'IDEMPOTENCY_CONFLICT', sdk.InvalidRequestError],
    [413, 'FILE_SIZE_EXCEEDED', sdk.UnprocessableImageError],
    [422, 'IMAGE_TOO_SMALL', sdk.UnprocessableImageError],
    [422, 'URL_UNREACHABLE', sdk.UnprocessableImageError],
    [404, 'NOT_FOUND', sdk.NotFoundError],
    [429, 'RATE_LIMIT_EXCEEDED', sdk.RateLimitError],
    [429, 'QUOTA_EXCEEDED', sdk.QuotaExceededError],
    [421, 'WRONG_REGION', sdk.WrongRegionError],
    [503, 'OVERLOADED', sdk.ServerError],
    [404, 'OF_THE_FUTURE', sdk.NotFoundError],
    [418, 'constructor', sdk.InvalidRequestError],
  ];
  const headers = { 'x-region-base-url': 'https://eu.example', 'retry-after': '7' };
  for (const [status, code, expected] of cases) {
    const { client } = await fake(t, [refusal(status, code, headers)], { maxAttempts: 1 });
    const error = await client.getUsage().catch((error) => error);
    assert.equal(error.constructor, expected, code);
    assert.ok(error instanceof sdk.CheckRealError && error.name === expected.name);
    const { message, requestId, retryAfter } = error;
    assert.deepEqual([error.code, error.status], [code, status]);
    assert.deepEqual([message, requestId, retryAfter], ['No.', 'req_1', 7]);
    if (code === 'WRONG_REGION') assert.equal(error.regionBaseUrl, 'https://eu.example');
  }
});

test('an answer that is not the API\'s is an error, never a result', async (t) => {
  const bodies = ['', '<html>', '[]', 'null', '3', `${'['.repeat(200_000)}${']'.repeat(200_000)}`];
  for (const body of bodies) {
    const { client } = await fake(t, [{ body }]);
    await assert.rejects(client.getUsage(), { code: 'UNEXPECTED_ANSWER', status: 200 });
  }
  const { client } = await fake(t, [{ body: { detectors: 'none' } }]);
  await assert.rejects(client.getDetectors(), { code: 'UNEXPECTED_ANSWER' });
  for (const body of ['<html>', '{"error": 7}', '{"error": {"code": 7}}']) {
    const { client } = await fake(t, [{ status: 400, body, headers: { 'x-request-id': 'req_9' } }]);
    await assert.rejects(client.getUsage(), { code: 'HTTP_400', requestId: 'req_9' });
  }
});

test('a key __proto__ in an answer changes no prototype', async (t) => {
  const { client } = await fake(t, [{ body: '{"__proto__": {"polluted": 1}, "a_b": 2}' }]);
  const usage = await client.getUsage();
  assert.equal(Object.getPrototypeOf(usage), Object.prototype);
  assert.deepEqual([usage.aB, usage.polluted, {}.polluted], [2, undefined, undefined]);
});

test('a redirect is not followed: the key goes to nobody else', async (t) => {
  const other = await fake(t, [USAGE]);
  const headers = { location: `${other.baseUrl}/usage` };
  const { client } = await fake(t, [{ status: 302, headers }]);
  await assert.rejects(client.getUsage(), { code: 'HTTP_302', status: 302 });
  assert.equal(other.asked.length, 0);
});

test('where the organisation stands in the minute is kept', async (t) => {
  const reset = 1_710_598_800;
  const headers = {
    'x-ratelimit-limit': '300',
    'x-ratelimit-remaining': '247',
    'x-ratelimit-reset': String(reset),
  };
  const { client } = await fake(t, [{ ...USAGE, headers }, { ...USAGE }]);
  assert.equal(client.rateLimit, null);
  await client.getUsage();
  const expected = { limit: 300, remaining: 247, reset: new Date(reset * 1_000) };
  assert.deepEqual(client.rateLimit, expected);
  await client.getUsage();
  assert.deepEqual(client.rateLimit, expected);
});

test('a heatmap is bytes', async (t) => {
  const { asked, client } = await fake(t, [{ body: 'PNG' }]);
  const bytes = await client.getHeatmap('req_1', { layer: 'colour' });
  assert.deepEqual([...bytes], [...Buffer.from('PNG')]);
  assert.equal(asked[0].url, '/v1/analyses/req_1/heatmap.png?layer=colour');
});
