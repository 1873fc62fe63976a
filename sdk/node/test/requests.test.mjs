// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { CheckRealClient } from '../index.mjs';
import { fake, USAGE } from './fake.mjs';

const DONE = { body: { request_id: 'req_1', status: 'complete' } };

test('a request has the API\'s names', async (t) => {
  const { asked, client } = await fake(t, [DONE]);
  const request = {
    imageUrl: 'https://a.example/a.jpg',
    referenceId: 'a',
    options: { models: ['gan'], metadataAnalysis: false, returnHeatmap: true, policy: undefined },
    context: { claimedAt: new Date(0) },
  };
  await client.analyze(request, { idempotencyKey: 'mine' });
  const [{ method, url, headers, body }] = asked;
  assert.deepEqual([method, url], ['POST', '/v1/analyze']);
  assert.equal(headers.authorization, 'Bearer a-key');
  assert.equal(headers['idempotency-key'], 'mine');
  assert.match(headers['user-agent'], /^checkreality-sdk-node\/\d/);
  assert.deepEqual(JSON.parse(body), {
    image_url: 'https://a.example/a.jpg',
    reference_id: 'a',
    options: { models: ['gan'], metadata_analysis: false, return_heatmap: true },
    context: { claimed_at: '1970-01-01T00:00:00.000Z' },
  });
});

test('bytes go as a form, whatever they come as', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sdk-'));
  t.after(() => rm(folder, { recursive: true }));
  const imagePath = join(folder, 'a.jpg');
  await writeFile(imagePath, 'picture');
  const bytes = new TextEncoder().encode('picture');
  const forms = [
    { imagePath },
    { image: bytes },
    { image: bytes.buffer },
    { image: new Blob([bytes]) },
    { image: Readable.from([Buffer.from('pic'), Buffer.from('ture')]) },
    { image: new Blob([bytes]).stream() },
  ];
  const { asked, client } = await fake(t, [DONE]);
  for (const form of forms) {
    await client.analyze({ ...form, referenceId: 'a', options: { returnHeatmap: true } });
    const { headers, body } = asked.pop();
    assert.match(headers['content-type'], /^multipart\/form-data; boundary=/);
    const text = body.toString();
    assert.match(text, /name="image"; filename="image"\r\n[^]*\r\n\r\npicture\r\n/);
    assert.match(text, /name="reference_id"\r\n\r\na\r\n/);
    assert.match(text, /name="options"\r\n\r\n\{"return_heatmap":true\}\r\n/);
  }
});

test('a name that the API does not know is sent, so that the API refuses it', async (t) => {
  const { asked, client } = await fake(t, [DONE]);
  await client.analyze({ image: Buffer.from('a'), modelNames: ['gan'] });
  assert.match(asked[0].body.toString(), /name="model_names"\r\n\r\n\["gan"\]/);
});

test('a batch is JSON, whatever its images come as', async (t) => {
  const { asked, client } = await fake(t, [{ status: 202, body: { batch_id: 'batch_1' } }]);
  const images = [
    { imageUrl: 'https://a.example/a.jpg', referenceId: 'a', context: { claimedAt: '2026-03-16' } },
    { image: Buffer.from('b') },
  ];
  const accepted = await client.analyzeBatch({
    images,
    options: { models: ['all'] },
    webhookUrl: 'https://a.example/hook',
    batchReferenceId: 'claims-1',
  });
  assert.equal(accepted.batchId, 'batch_1');
  assert.deepEqual(JSON.parse(asked[0].body), {
    images: [
      {
        image_url: 'https://a.example/a.jpg',
        reference_id: 'a',
        context: { claimed_at: '2026-03-16' },
      },
      { image_base64: 'Yg==' },
    ],
    options: { models: ['all'] },
    webhook_url: 'https://a.example/hook',
    batch_reference_id: 'claims-1',
  });
});

test('names in paths cannot lead elsewhere', async (t) => {
  const { asked, client } = await fake(t, [USAGE]);
  await client.getAnalysis('../usage?a#b');
  assert.equal(asked[0].url, '/v1/analyses/..%2Fusage%3Fa%23b');
});

test('a request without an image, or with two, is not sent', async (t) => {
  const { asked, client } = await fake(t, [DONE]);
  const two = { imageUrl: 'https://a.example/a.jpg', imageBase64: 'AA==' };
  for (const request of [{}, two, { image: 'a.jpg' }]) {
    await assert.rejects(client.analyze(request), TypeError);
  }
  for (const idempotencyKey of ['', 'ä', 'a\nb', 'a'.repeat(256), 7]) {
    const asking = client.analyze({ image: Buffer.from('a') }, { idempotencyKey });
    await assert.rejects(asking, TypeError);
  }
  assert.equal(asked.length, 0);
});

test('a client needs a key that can stand in a header, and does not show it', () => {
  for (const apiKey of ['', 'a b', 'a\nb', 'ä']) {
    assert.throws(() => new CheckRealClient({ apiKey }), (error) => {
      return error instanceof TypeError && !error.message.includes('a\nb');
    });
  }
  assert.throws(() => new CheckRealClient({ apiKey: 'a', baseUrl: 'ftp://a.example' }), TypeError);
  assert.throws(() => new CheckRealClient({ apiKey: 'a', timeoutMs: 0 }), TypeError);
  const client = new CheckRealClient({ apiKey: ' secret-key\n' });
  assert.doesNotMatch(JSON.stringify(client), /secret-key/);
});
