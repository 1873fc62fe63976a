// SPDX-License-Identifier: MIT OR Apache-2.0
// Moderation: uploads are collected into a batch, and a webhook tells when it is done.
//   node moderation.mjs upload-1.jpg upload-2.jpg
// CHECKREAL_WEBHOOK_SECRET is the organisation's secret, WEBHOOK_URL where this program is reached from
// outside; without it only a server on this machine reaches it.
import { createServer } from 'node:http';
import { CheckRealClient, readWebhook, WebhookVerificationError } from '@checkreality/sdk';

const client = new CheckRealClient();
const secret = process.env.CHECKREAL_WEBHOOK_SECRET;

const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const event = readWebhook(Buffer.concat(chunks), request.headers, secret);
    // Answer first, work afterwards: the API waits 10 s.
    response.writeHead(204).end();
    if (event.event === 'batch.complete') await decide(event.batchId);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.writeHead(401).end();
  }
});
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));

const images = process.argv.slice(2).map((imagePath) => ({ imagePath, referenceId: imagePath }));
const batch = await client.analyzeBatch({
  images,
  options: { policy: 'content-moderation' },
  webhookUrl: process.env.WEBHOOK_URL ?? `http://127.0.0.1:${receiver.address().port}/`,
});
console.error(`${batch.batchId}: ${batch.imageCount} images`);

async function decide(batchId) {
  for await (const result of client.batchResults(batchId)) {
    const isFine = result.status === 'complete' && result.verdict.riskLevel === 'LOW';
    console.log(`${isFine ? 'publish' : 'hold'} ${result.referenceId}`);
  }
  receiver.close();
}
