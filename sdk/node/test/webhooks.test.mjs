// SPDX-License-Identifier: MIT OR Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWebhook, verifyStandardWebhook, verifyWebhook, WebhookVerificationError } from '../index.mjs';
import guide from './guide-webhook.cjs';

// RFC 4231, test case 2.
const JEFE = ['what do ya want for nothing?', 'Jefe'];
const SIGNATURE = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
// The example of the Standard Webhooks specification's reference libraries.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const NOW = { now: 1_614_265_330 };
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

test('the guide\'s signature is that of the guide\'s own code', () => {
  const [payload, secret] = JEFE;
  assert.equal(guide.verifyWebhook(payload, SIGNATURE, secret), true);
  assert.equal(verifyWebhook(payload, SIGNATURE, secret), true);
  assert.equal(verifyWebhook(Buffer.from(payload), SIGNATURE, secret), true);
});

test('a signature of any length or kind is false and never throws', () => {
  const [payload, secret] = JEFE;
  const other = SIGNATURE.replace('5', '6');
  const wide = `é${SIGNATURE.slice(1)}`;
  for (const wrong of [other, wide, '', 'a', `${SIGNATURE}0`, SIGNATURE.toUpperCase(), undefined, null, 7, [SIGNATURE]]) {
    assert.equal(verifyWebhook(payload, wrong, secret), false, String(wrong));
  }
  assert.throws(() => guide.verifyWebhook(payload, 'a', secret), RangeError);
  assert.equal(verifyWebhook(`${payload} `, SIGNATURE, secret), false);
  assert.equal(verifyWebhook(payload, SIGNATURE, 'other'), false);
});

test('an empty secret is refused: anyone could sign with it', () => {
  for (const secret of ['', undefined, null]) {
    assert.throws(() => verifyWebhook('a', 'b', secret), TypeError);
    assert.throws(() => verifyStandardWebhook('a', HEADERS, secret), TypeError);
  }
});

test('Standard Webhooks of the reference libraries are accepted', () => {
  assert.equal(verifyStandardWebhook(BODY, HEADERS, SECRET, NOW), true);
  assert.equal(verifyStandardWebhook(BODY, new Headers(HEADERS), SECRET, NOW), true);
  const rotated = `v1,AAAA v1a,${'A'.repeat(44)} ${HEADERS['webhook-signature']}`;
  const headers = { ...HEADERS, 'webhook-signature': rotated };
  assert.equal(verifyStandardWebhook(BODY, headers, SECRET, NOW), true);
  assert.deepEqual({ ...readWebhook(BODY, HEADERS, SECRET, NOW) }, { test: 2_432_232_314 });
});

test('a message that is old, changed or signed for another is refused', () => {
  const check = (body, headers, options = NOW) => verifyStandardWebhook(body, headers, SECRET, options);
  assert.equal(check(BODY, HEADERS, { now: NOW.now + 300 }), true);
  assert.equal(check(BODY, HEADERS, { now: NOW.now + 301 }), false);
  assert.equal(check(BODY, HEADERS, { now: NOW.now - 301 }), false);
  assert.equal(check(BODY, HEADERS, {}), false);
  assert.equal(check(`${BODY} `, HEADERS), false);
  for (const [name, value] of [
    ['webhook-id', 'msg_other'],
    ['webhook-timestamp', '1614265331'],
    ['webhook-timestamp', '1614265330.0'],
    ['webhook-timestamp', 'NaN'],
    ['webhook-signature', HEADERS['webhook-signature'].slice(3)],
    ['webhook-signature', `${'v1,AAAA '.repeat(50)}${HEADERS['webhook-signature']}`],
    ['webhook-signature', ''],
    ['webhook-id', undefined],
  ]) {
    assert.equal(check(BODY, { ...HEADERS, [name]: value }), false, `${name}: ${value}`);
  }
  assert.throws(() => readWebhook(BODY, HEADERS, SECRET), WebhookVerificationError);
  assert.equal(verifyStandardWebhook(BODY, undefined, SECRET, NOW), false);
});
