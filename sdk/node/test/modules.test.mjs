// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as imported from '@checkreality/sdk';

test('import and require give the same classes', () => {
  const required = createRequire(import.meta.url)('@checkreality/sdk');
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
  for (const [name, value] of Object.entries(required)) assert.equal(imported[name], value, name);
});

test('nothing is needed at run time but Node', () => {
  const { dependencies } = createRequire(import.meta.url)('../package.json');
  assert.equal(dependencies, undefined);
});
