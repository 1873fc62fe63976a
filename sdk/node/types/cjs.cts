// SPDX-License-Identifier: MIT OR Apache-2.0
// The same names through `require`. Never run.
import sdk = require('@checkreality/sdk');

const client = new sdk.CheckRealClient({ apiKey: 'key', baseUrl: 'http://127.0.0.1:8080/v1' });
export const usage: Promise<sdk.Usage> = client.getUsage();
