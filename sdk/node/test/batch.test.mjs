// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestTimeoutError } from '../index.mjs';
import { fake } from './fake.mjs';

function page(names, nextCursor, status = 'PROCESSING') {
  const results = names.map((name) => ({ request_id: `req_${name}`, status: 'complete' }));
  return { body: { batch_id: 'batch_1', status, total: 3, results, next_cursor: nextCursor } };
}

test('results come as they complete, page after page, each once', async (t) => {
  const pages = [page([], 'c0'), page(['a', 'b'], 'c2'), page([], 'c2'), page(['c'], null, 'COMPLETE')];
  const { asked, client } = await fake(t, pages);
  const seen = [];
  for await (const result of client.batchResults('batch_1', { pollIntervalMs: 5, pageSize: 2 })) {
    seen.push(result.requestId);
  }
  assert.deepEqual(seen, ['req_a', 'req_b', 'req_c']);
  const urls = asked.map((one) => one.url.split('?')[1]);
  assert.deepEqual(urls, ['limit=2', 'limit=2&cursor=c0', 'limit=2&cursor=c2', 'limit=2&cursor=c2']);
});

test('waiting gives the standing with all results', async (t) => {
  const { client } = await fake(t, [page(['a'], 'c1'), page(['b', 'c'], null, 'COMPLETE')]);
  const batch = await client.waitForBatch('batch_1', { pollIntervalMs: 5 });
  assert.deepEqual([batch.status, batch.results.length, batch.total], ['COMPLETE', 3, 3]);
});

test('a batch that is never done is given up', async (t) => {
  const { client } = await fake(t, [page([], 'c0')]);
  const waiting = client.waitForBatch('batch_1', { pollIntervalMs: 5, timeoutMs: 50 });
  await assert.rejects(waiting, RequestTimeoutError);
});

test('an iteration can be left, and ended by a signal', async (t) => {
  const { asked, client } = await fake(t, [page(['a', 'b'], 'c2')]);
  for await (const result of client.batchResults('batch_1')) {
    assert.equal(result.requestId, 'req_a');
    break;
  }
  assert.equal(asked.length, 1);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(client.waitForBatch('batch_1', { signal }), { name: 'TimeoutError' });
});
