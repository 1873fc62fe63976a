// SPDX-License-Identifier: MIT OR Apache-2.0
// The API's names are snake_case, JavaScript's are camelCase. What is data stays: a detector's key in
// `model_results` is what `/v1/detectors` calls it, and a finding's `values` are the detector's own.
'use strict';

/** Objects whose keys are data. */
const KEYED_BY_DATA = new Set(['model_results', 'summary']);
/** Objects that are data altogether. */
const DATA = new Set(['values']);

function camelName(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function snakeName(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function mapObject(object, entry) {
  // `fromEntries` defines properties, so that a key `__proto__` is a key like any other.
  return Object.fromEntries(Object.entries(object).map(entry));
}

/** A JSON value with camelCase names. */
function camelFromSnake(value) {
  if (Array.isArray(value)) return value.map(camelFromSnake);
  if (value === null || typeof value !== 'object') return value;
  return mapObject(value, ([name, inner]) => {
    if (DATA.has(name)) return [name, inner];
    if (KEYED_BY_DATA.has(name) && inner !== null && typeof inner === 'object') {
      return [camelName(name), mapObject(inner, ([key, one]) => [key, camelFromSnake(one)])];
    }
    return [camelName(name), camelFromSnake(inner)];
  });
}

/** An object's own names in snake_case; what is undefined is left out, a Date is written as RFC 3339. */
function snakeFromCamel(object) {
  const known = Object.entries(object ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([name, value]) => [
      snakeName(name),
      value instanceof Date ? value.toISOString() : value,
    ]),
  );
}

module.exports = { camelFromSnake, snakeFromCamel };
