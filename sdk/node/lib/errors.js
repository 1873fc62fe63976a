// SPDX-License-Identifier: MIT OR Apache-2.0
// What can go wrong, as classes: one for each thing that a caller does differently.
'use strict';

/** Any failure of a request. */
class CheckRealError extends Error {
  constructor(message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    /** The API's code, or one of ours where there was no answer of the API. */
    this.code = details.code ?? 'UNEXPECTED_ANSWER';
    /** HTTP status; null without an answer. */
    this.status = details.status ?? null;
    /** The request's name, for support and audit; null without an answer. */
    this.requestId = details.requestId ?? null;
    /** When it may be tried again, s from now; null where the server does not say. */
    this.retryAfter = details.retryAfter ?? null;
  }
}

class AuthenticationError extends CheckRealError {}
class PermissionDeniedError extends CheckRealError {}
class InvalidRequestError extends CheckRealError {}
class UnprocessableImageError extends CheckRealError {}
class NotFoundError extends CheckRealError {}
class RateLimitError extends CheckRealError {}
class QuotaExceededError extends CheckRealError {}
class ServerError extends CheckRealError {}

/** The key is at home in another region. */
class WrongRegionError extends CheckRealError {
  constructor(message, details = {}) {
    super(message, details);
    /** Base URL of the right region without `/v1`; null where the server does not say. */
    this.regionBaseUrl = details.regionBaseUrl ?? null;
  }
}

/** There was no answer, or it broke off. */
class ConnectionFailedError extends CheckRealError {
  constructor(message, details = {}) {
    super(message, { code: 'CONNECTION_FAILED', ...details });
    /** Whether an answer had begun. */
    this.hadBegun = details.hadBegun ?? false;
  }
}

/** There was no whole answer within `timeoutMs`. */
class RequestTimeoutError extends CheckRealError {
  constructor(message, details = {}) {
    super(message, { code: 'TIMEOUT', ...details });
  }
}

/** A webhook is not from the API, or is too old. */
class WebhookVerificationError extends Error {
  constructor(message) {
    super(message);
    this.name = 'WebhookVerificationError';
  }
}

const CLASS_OF_CODE = {
  INVALID_API_KEY: AuthenticationError,
  FORBIDDEN: PermissionDeniedError,
  NOT_FOUND: NotFoundError,
  FILE_SIZE_EXCEEDED: UnprocessableImageError,
  UNSUPPORTED_FORMAT: UnprocessableImageError,
  IMAGE_TOO_SMALL: UnprocessableImageError,
  IMAGE_CORRUPT: UnprocessableImageError,
  URL_UNREACHABLE: UnprocessableImageError,
  WRONG_REGION: WrongRegionError,
  RATE_LIMIT_EXCEEDED: RateLimitError,
  QUOTA_EXCEEDED: QuotaExceededError,
};

/** The class of an answer: by its code, or by its status where the code is none that is known. */
function classOf(code, status) {
  if (Object.hasOwn(CLASS_OF_CODE, code)) return CLASS_OF_CODE[code];
  if (status >= 500) return ServerError;
  if (status === 401) return AuthenticationError;
  if (status === 403) return PermissionDeniedError;
  if (status === 404) return NotFoundError;
  if (status === 429) return RateLimitError;
  return status >= 400 ? InvalidRequestError : CheckRealError;
}

/** Seconds of a `Retry-After`: a number, or a date (RFC 9110, 10.2.3); null for anything else. */
function retryAfterOf(value, now = Date.now()) {
  if (value === null || value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

/** The error of an answer that is none of success. */
function errorOf({ status, headers, bytes }) {
  let told;
  try {
    told = JSON.parse(Buffer.from(bytes).toString('utf8'))?.error;
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  const text = (value) => (typeof value === 'string' && value !== '' ? value : null);
  const code = text(told?.code) ?? `HTTP_${status}`;
  const message = text(told?.message) ?? `The server answered with the status ${status}.`;
  return new (classOf(code, status))(message, {
    code,
    status,
    requestId: text(told?.request_id) ?? headers.get('x-request-id'),
    retryAfter: retryAfterOf(headers.get('retry-after')),
    regionBaseUrl: headers.get('x-region-base-url'),
  });
}

module.exports = {
  CheckRealError,
  AuthenticationError,
  PermissionDeniedError,
  InvalidRequestError,
  UnprocessableImageError,
  NotFoundError,
  RateLimitError,
  QuotaExceededError,
  WrongRegionError,
  ServerError,
  ConnectionFailedError,
  RequestTimeoutError,
  WebhookVerificationError,
  errorOf,
  retryAfterOf,
};
