// SPDX-License-Identifier: MIT OR Apache-2.0
// The API, method by method.
'use strict';

const { batchResults, finishedBatch } = require('./batch.js');
const { CheckRealError } = require('./errors.js');
const { imageOf } = require('./image.js');
const { camelFromSnake, snakeFromCamel } = require('./names.js');
const { Transport } = require('./transport.js');

class CheckRealClient {
  #transport;

  constructor(options) {
    this.#transport = new Transport(options);
  }

  /** Where the organisation stood in the minute at the last answer; null before the first. */
  get rateLimit() {
    return this.#transport.rateLimit;
  }

  /** One image. With `options.webhookUrl` it is examined later, and this returns at once. */
  async analyze(request, options) {
    const image = await imageOf(request);
    const content = image.bytes ? form(image.bytes, request) : json(document(image, request));
    return this.#ask('POST', '/analyze', content, options);
  }

  /** Many images, examined later. */
  async analyzeBatch(request, options) {
    if (!Array.isArray(request.images)) throw new TypeError('images must be an array');
    const images = [];
    for (const one of request.images) images.push(document(await imageOf(one), one));
    const { images: _, options: chosen, ...names } = request;
    const body = { ...snakeFromCamel(names), images, options: snakeFromCamel(chosen) };
    return this.#ask('POST', '/analyze/batch', json(body), options);
  }

  /** How far a batch is, with one page of its results. */
  async getBatch(batchId, { limit, cursor, ...options } = {}) {
    const query = new URLSearchParams(snakeFromCamel({ limit, cursor: cursor ?? undefined }));
    const path = `/batches/${encodeURIComponent(batchId)}?${query}`;
    return this.#ask('GET', path, undefined, options);
  }

  /** The results of a batch as they complete: an async iterator. */
  batchResults(batchId, options) {
    return batchResults(this, batchId, options);
  }

  /** Waits until a batch is done: its standing with all results. */
  async waitForBatch(batchId, options) {
    return finishedBatch(this, batchId, options);
  }

  /** An answer once more, or how far it is. */
  async getAnalysis(requestId, options) {
    return this.#ask('GET', `/analyses/${encodeURIComponent(requestId)}`, undefined, options);
  }

  /** Where in the picture, as the bytes of a PNG. */
  async getHeatmap(requestId, { layer, ...options } = {}) {
    const query = layer === undefined ? '' : `?layer=${encodeURIComponent(layer)}`;
    const path = `/analyses/${encodeURIComponent(requestId)}/heatmap.png${query}`;
    const { bytes } = await this.#transport.send('GET', path, undefined, options);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The detectors, in the order of results. */
  async getDetectors(options) {
    return this.#list('/detectors', 'detectors', options);
  }

  /** The policies that a request may name. */
  async getPolicies(options) {
    return this.#list('/policies', 'policies', options);
  }

  /** What the organisation may do and has done today. */
  async getUsage(options) {
    return this.#ask('GET', '/usage', undefined, options);
  }

  async #list(path, name, options) {
    const body = await this.#ask('GET', path, undefined, options);
    if (!Array.isArray(body[name])) throw unexpected(200, `The answer has no list ${name}.`);
    return body[name];
  }

  async #ask(method, path, content, options) {
    return read(await this.#transport.send(method, path, content, options));
  }
}

/** An answer's object with camelCase names, and the API's own as its hidden property `raw`. */
function read({ status, bytes }) {
  let raw;
  let body;
  try {
    raw = JSON.parse(bytes.toString('utf8'));
    body = camelFromSnake(raw);
  } catch (cause) {
    throw unexpected(status, 'The answer is no JSON.', cause);
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw unexpected(status, 'The answer is no JSON object.');
  }
  return Object.defineProperty(body, 'raw', { value: raw });
}

function unexpected(status, message, cause) {
  return new CheckRealError(message, { status, cause });
}

/** What a request says beside its image. A name that the API does not know is the API's to refuse. */
function order({ imageUrl, imageBase64, imagePath, image, options, context, ...names }) {
  const body = snakeFromCamel(names);
  if (options) body.options = snakeFromCamel(options);
  if (context) body.context = snakeFromCamel(context);
  return body;
}

/** One image as the API's JSON. */
function document(image, request) {
  if (image.url !== undefined) return { image_url: image.url, ...order(request) };
  return { image_base64: image.base64 ?? image.bytes.toString('base64'), ...order(request) };
}

function json(body) {
  const text = JSON.stringify(body);
  return () => ({ body: text, headers: { 'content-type': 'application/json' } });
}

/** The same as a form: bytes go as they are, a third smaller than in base64. */
function form(bytes, request) {
  const image = new Blob([bytes]);
  const fields = Object.entries(order(request)).filter(([, value]) => value !== null);
  return () => {
    const body = new FormData();
    for (const [name, value] of fields) {
      body.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
    body.set('image', image, 'image');
    return { body };
  };
}

module.exports = { CheckRealClient };
