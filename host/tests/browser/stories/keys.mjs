// A key's life, from the form to the refusal.
import assert from "node:assert/strict";

export const title = "a key is made, used, revoked and refused";

export default async (visit) => {
  const { page } = visit;
  await visit.signIn();
  await visit.open("/keys");
  await page.click("summary");
  await visit.checkEverywhere("keys-form");
  await visit.submit("main details form button");
  const key = await visit.text("#new-key");
  assert.match(key, /^ak_[0-9a-f]{16}_[0-9a-f]{64}$/);
  await visit.checkEverywhere("new-key");
  // As a program would ask: without the cookie.
  const ask = async () => {
    const answer = await fetch(`${visit.address}/v1/usage`, { headers: { Authorization: `Bearer ${key}` } });
    return answer.status;
  };
  assert.equal(await ask(), 200);
  await visit.open("/keys");
  const shown = await visit.text();
  assert.ok(!shown.includes(key), "the key is shown again");
  const id = key.slice(0, key.lastIndexOf("_"));
  await visit.submit(`a[href="/keys/${id}/rotate"]`);
  await visit.checkEverywhere("rotate-key");
  await visit.open(`/keys/${id}/restrict`);
  await visit.checkEverywhere("restrict-key");
  await page.type("#endpoints", "/v1/analyze");
  await visit.submit("main form button");
  assert.match(await visit.text("[role=status]"), /restricted/);
  assert.equal(await ask(), 403);
  await visit.open(`/keys/${id}/revoke`);
  await visit.checkEverywhere("revoke-key");
  await visit.submit("main form button");
  assert.match(await visit.text("[role=status]"), /revoked/);
  assert.equal(await ask(), 401);
};
