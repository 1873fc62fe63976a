// SPDX-License-Identifier: MIT OR Apache-2.0
// Claims intake: photos are screened before an adjuster sees them.
//   node insurance.mjs claim-78234 photo-1.jpg photo-2.jpg
import { CheckRealClient, UnprocessableImageError } from '@checkreality/sdk';

const ACTIONS = { HIGH: 'escalate to SIU', MEDIUM: 'warn the adjuster', LOW: 'proceed' };

const client = new CheckRealClient();
const [claim, ...photos] = process.argv.slice(2);
for (const [index, imagePath] of photos.entries()) {
  console.log(JSON.stringify(await screened(imagePath, `${claim}-photo-${index + 1}`)));
}

/** What the claims database keeps of a photo. */
async function screened(imagePath, referenceId) {
  try {
    const options = { policy: 'insurance-claims' };
    const result = await client.analyze({ imagePath, referenceId, options });
    const { requestId, verdict, imageInfo } = result;
    const action = ACTIONS[verdict.riskLevel];
    return { referenceId, action, label: verdict.label, requestId, sha256: imageInfo.sha256 };
  } catch (error) {
    if (!(error instanceof UnprocessableImageError)) throw error;
    const { code, requestId } = error;
    return { referenceId, action: 'ask for another photo', code, requestId };
  }
}
