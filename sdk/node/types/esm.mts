// SPDX-License-Identifier: MIT OR Apache-2.0
// What a caller writes in TypeScript compiles, and what is wrong does not. Never run.
import { CheckRealClient, RateLimitError, readWebhook, verifyWebhook } from '@checkreality/sdk';
import type { RiskLevel, WebhookEvent } from '@checkreality/sdk';

const client = new CheckRealClient({ apiKey: process.env.CHECKREAL_API_KEY });
const result = await client.analyze({ imageUrl: 'https://a.example/a.jpg', referenceId: 'a' });
export const risk: RiskLevel = result.verdict.riskLevel;
export const score: number | null | undefined = result.modelResults.gan_detection?.score;
export const later: string = (
  await client.analyze({ imagePath: 'a.jpg', options: { webhookUrl: 'https://a.example/' } })
).statusUrl;

// @ts-expect-error An image has one form.
await client.analyze({ imageUrl: 'https://a.example/a.jpg', imagePath: 'a.jpg' });
// @ts-expect-error An image is needed.
await client.analyze({ referenceId: 'a' });
// @ts-expect-error A name that is none.
await client.analyze({ imagePath: 'a.jpg', options: { modells: ['gan'] } });

for await (const one of client.batchResults('batch_1')) {
  const text: string = one.status === 'complete' ? one.verdict.label : one.error.code;
  console.log(text);
}

const standing = await client.getAnalysis('req_1');
if (standing.status === 'failed') console.log(standing.error.requestId);
if (standing.status === 'complete') console.log(standing.verdict.label);

try {
  await client.getUsage();
} catch (error) {
  if (error instanceof RateLimitError) console.log(error.retryAfter, error.requestId);
}

export const isOurs: boolean = verifyWebhook(Buffer.from('{}'), undefined, 'secret');
const event: WebhookEvent = readWebhook('{}', new Headers(), 'secret');
if (event.event === 'batch.complete') console.log(event.summary.AUTHENTIC);
