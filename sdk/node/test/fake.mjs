// SPDX-License-Identifier: MIT OR Apache-2.0
// A server that answers what a test tells it to, and remembers what it was asked.
import { createServer } from 'node:http';
import { CheckRealClient } from '../index.mjs';

/**
 * Starts one, with a client of it. Each reply is `{ status, headers, body }` or a function of request
 * and response; the last one stays.
 */
export async function fake(t, replies, options = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks) });
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (typeof reply === 'function') return reply(request, response);
    const { status = 200, headers: more = {}, body = {} } = reply;
    response.writeHead(status, more).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${server.address().port}/v1`;
  const client = new CheckRealClient({ apiKey: 'a-key', baseUrl, ...options });
  return { asked, client, baseUrl };
}

/** The guide's error body. */
export function refusal(status, code, headers = {}) {
  const error = { code, message: 'No.', request_id: 'req_1' };
  return { status, headers, body: { error } };
}

export const USAGE = { body: { organisation: 'acme' } };
