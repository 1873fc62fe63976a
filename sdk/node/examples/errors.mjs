// SPDX-License-Identifier: MIT OR Apache-2.0
// What a caller does with errors.
//   node errors.mjs photo.jpg
import {
  CheckRealClient,
  CheckRealError,
  QuotaExceededError,
  UnprocessableImageError,
} from '@checkreality/sdk';

const client = new CheckRealClient({ timeoutMs: 30_000, maxAttempts: 3 });
try {
  const { verdict } = await client.analyze({ imagePath: process.argv[2] });
  console.log(verdict.label);
} catch (error) {
  if (error instanceof UnprocessableImageError) console.log(`another image: ${error.code}`);
  else if (error instanceof QuotaExceededError) console.log(`again in ${error.retryAfter} s`);
  else if (error instanceof CheckRealError) console.log(`${error.code} ${error.requestId}`);
  else throw error;
}
