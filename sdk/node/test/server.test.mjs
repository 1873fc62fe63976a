// SPDX-License-Identifier: MIT OR Apache-2.0
// Against a real server: CHECKREAL_BASE_URL, CHECKREAL_API_KEY, CHECKREAL_WEBHOOK_SECRET, and a
// picture's path in CHECKREAL_TEST_PICTURE. It must be allowed to dial the loopback.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { before, describe, test } from 'node:test';
import * as sdk from '../index.mjs';
import guide from './guide-webhook.cjs';

const { CHECKREAL_BASE_URL, CHECKREAL_TEST_PICTURE, CHECKREAL_WEBHOOK_SECRET } = process.env;
const skip = CHECKREAL_BASE_URL ? false : 'CHECKREAL_BASE_URL is not set';

describe('against a real server', { skip }, () => {
  const client = skip ? null : new sdk.CheckRealClient();
  let picture;
  before(async () => {
    picture = await readFile(CHECKREAL_TEST_PICTURE);
  });

  test('an image is analysed by path, bytes, base64 and URL', async (t) => {
    const server = createServer((_, response) => response.end(picture));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const sha256 = createHash('sha256').update(picture).digest('hex');
    for (const form of [
      { imagePath: CHECKREAL_TEST_PICTURE },
      { image: picture },
      { imageBase64: picture.toString('base64') },
      { imageUrl: `http://127.0.0.1:${server.address().port}/a.jpg` },
    ]) {
      const options = { models: ['all'], metadataAnalysis: true, policy: 'kyc' };
      const context = { claimedAt: '2026-03-16' };
      const result = await client.analyze({ ...form, referenceId: 'a', options, context });
      assert.deepEqual([result.status, result.referenceId], ['complete', 'a']);
      assert.equal(result.imageInfo.sha256, sha256);
      assert.ok(['LOW', 'MEDIUM', 'HIGH'].includes(result.verdict.riskLevel));
      assert.equal(result.policy.name, 'kyc');
      assert.equal(Object.keys(result.modelResults).length, 6);
      assert.equal(result.raw.verdict.risk_level, result.verdict.riskLevel);
      assert.ok(client.rateLimit.remaining < client.rateLimit.limit);
      const again = await client.getAnalysis(result.requestId);
      assert.deepEqual(again.verdict, result.verdict);
    }
  });

  test('where in the picture is told and drawn', async () => {
    const result = await client.analyze({ image: picture, options: { returnHeatmap: true } });
    const { width, height } = result.imageInfo;
    assert.deepEqual([result.heatmap.width, result.heatmap.height], [width, height]);
    const inAnswer = Buffer.from(result.heatmap.maskPngBase64, 'base64');
    const later = [await client.getHeatmap(result.requestId)];
    later.push(await client.getHeatmap(result.requestId, { layer: 'colour' }));
    for (const png of [inAnswer, ...later]) {
      assert.equal(Buffer.from(png.subarray(1, 4)).toString(), 'PNG');
    }
    const wrong = client.getHeatmap(result.requestId, { layer: 'x' });
    await assert.rejects(wrong, { name: 'InvalidRequestError' });
  });

  test('a request that is sent again under its key has the first answer', async () => {
    const used = async () => (await client.getUsage()).day.used;
    const idempotencyKey = `node-${Date.now()}`;
    const image = Buffer.concat([picture, Buffer.from(idempotencyKey)]);
    const start = await used();
    const first = await client.analyze({ image }, { idempotencyKey });
    const second = await client.analyze({ image }, { idempotencyKey });
    assert.equal(second.requestId, first.requestId);
    assert.ok((await used()) <= start + 1);
    const other = client.analyze({ image, referenceId: 'other' }, { idempotencyKey });
    await assert.rejects(other, { name: 'InvalidRequestError', code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('a batch is submitted, and its results come', async () => {
    const accepted = await client.analyzeBatch({
      images: [
        { image: picture, referenceId: 'good' },
        { image: Buffer.from('GIF89a'), referenceId: 'bad' },
      ],
      batchReferenceId: 'node',
    });
    assert.deepEqual([accepted.imageCount, accepted.batchReferenceId], [2, 'node']);
    const seen = {};
    const options = { pollIntervalMs: 100, pageSize: 1 };
    for await (const one of client.batchResults(accepted.batchId, options)) {
      seen[one.referenceId] = one.status === 'complete' ? one.verdict.label : one.error.code;
    }
    assert.equal(seen.bad, 'UNSUPPORTED_FORMAT');
    assert.match(seen.good, /^[A-Z_]+$/);
    const batch = await client.waitForBatch(accepted.batchId);
    assert.deepEqual([batch.status, batch.completed, batch.failed], ['COMPLETE', 1, 1]);
    assert.equal(batch.results.length, 2);
  });

  test('errors are those of the guide', async () => {
    const { CheckRealClient } = sdk;
    const stranger = new CheckRealClient({ apiKey: 'nobody' });
    await assert.rejects(stranger.getUsage(), { name: 'AuthenticationError', status: 401 });
    const bad = client.analyze({ image: Buffer.from('GIF89a') });
    await assert.rejects(bad, (error) => {
      assert.match(error.requestId, /^req_/);
      return error instanceof sdk.UnprocessableImageError && error.code === 'UNSUPPORTED_FORMAT';
    });
    const wrong = client.analyze({ image: picture, options: { models: ['gans'] } });
    await assert.rejects(wrong, { name: 'InvalidRequestError', code: 'INVALID_REQUEST' });
    await assert.rejects(client.getAnalysis('req_none'), sdk.NotFoundError);
    await assert.rejects(client.getBatch('batch_none'), sdk.NotFoundError);
    await assert.rejects(client.getHeatmap('req_none'), sdk.NotFoundError);
  });

  test('an image that is refused before all of it was sent has the guide\'s error', async () => {
    const asking = client.analyze({ image: Buffer.alloc(22_000_000) });
    await assert.rejects(asking, { name: 'UnprocessableImageError', code: 'FILE_SIZE_EXCEEDED' });
  });

  test('what can be asked for is listed', async () => {
    const detectors = await client.getDetectors();
    assert.ok(detectors.some((one) => one.resultKey === 'splicing_detection'));
    const policies = await client.getPolicies();
    assert.equal(policies.filter((one) => one.isDefault).length, 1);
  });

  test('a webhook is verified in the guide\'s way and in the standard one', async (t) => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const image = Buffer.concat([picture, Buffer.from(`${Date.now()}`)]);
    const options = { webhookUrl: `http://127.0.0.1:${server.address().port}/` };
    const delivery = once(server, 'request');
    const accepted = await client.analyze({ image, options });
    assert.equal(accepted.status, 'processing');
    const [request, response] = await delivery;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    const payload = Buffer.concat(chunks);
    const signature = request.headers['x-checkreal-signature'];
    for (const verify of [guide.verifyWebhook, sdk.verifyWebhook]) {
      assert.equal(verify(payload, signature, CHECKREAL_WEBHOOK_SECRET), true);
      assert.equal(verify(`${payload} `, signature, CHECKREAL_WEBHOOK_SECRET), false);
    }
    const event = sdk.readWebhook(payload, request.headers, CHECKREAL_WEBHOOK_SECRET);
    assert.deepEqual([event.event, event.requestId], ['analysis.complete', accepted.requestId]);
    const whole = await client.getAnalysis(accepted.requestId);
    assert.deepEqual(whole.verdict, event.verdict);
  });
});
