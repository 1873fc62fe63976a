// SPDX-License-Identifier: MIT OR Apache-2.0
// An image in any of the forms in which callers have it.
'use strict';

const { readFile } = require('node:fs/promises');

const FORMS = ['imageUrl', 'imageBase64', 'imagePath', 'image'];

/**
 * Reads what a request says of its image: `{ url }`, `{ base64 }` or `{ bytes }`. Streams are read to
 * their end, so that a request can be sent again.
 */
async function imageOf(request) {
  const given = FORMS.filter((form) => request[form] !== undefined && request[form] !== null);
  if (given.length !== 1) {
    throw new TypeError(`expected one of ${FORMS.join(', ')}, found ${given.length}`);
  }
  if (given[0] === 'imageUrl') return { url: String(request.imageUrl) };
  if (given[0] === 'imageBase64') return { base64: String(request.imageBase64) };
  if (given[0] === 'imagePath') return { bytes: await readFile(request.imagePath) };
  return { bytes: await bytesOf(request.image) };
}

async function bytesOf(image) {
  if (image instanceof ArrayBuffer) return Buffer.from(image);
  if (ArrayBuffer.isView(image)) {
    return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  }
  if (image instanceof Blob) return Buffer.from(await image.arrayBuffer());
  if (typeof image?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError('image must be bytes, a Blob or a stream; a path is imagePath');
  }
  const chunks = [];
  for await (const chunk of image) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

module.exports = { imageOf };
