// SPDX-License-Identifier: MIT OR Apache-2.0
// Identity: a document's photo and a selfie. The three detectors are those of the guide's pattern.
//   node kyc.mjs document.jpg selfie.jpg
import { CheckRealClient } from '@checkreality/sdk';

const client = new CheckRealClient();
const options = { models: ['gan', 'diffusion', 'splicing'], policy: 'kyc' };
const [document, selfie] = await Promise.all(
  process.argv.slice(2).map((imagePath) => client.analyze({ imagePath, options })),
);

const isGenerated = selfie.verdict.label === 'AI_GENERATED' && selfie.verdict.riskLevel === 'HIGH';
const isPlain = [document, selfie].every(({ verdict }) => verdict.riskLevel === 'LOW');
const decision = isGenerated ? 'reject' : isPlain ? 'go on to liveness' : 'step up';
const audit = [document, selfie].map(({ requestId, verdict, policy }) => ({
  requestId,
  label: verdict.label,
  riskLevel: verdict.riskLevel,
  policy: policy.digest,
}));
console.log(JSON.stringify({ decision, audit }));
