// SPDX-License-Identifier: MIT OR Apache-2.0
// The names of lib/index.js for `import`. One implementation serves both kinds of module, so that an
// error thrown through one is an instance of the class that the other exports.
import sdk from './lib/index.js';

export const {
  CheckRealClient,
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
  verifyWebhook,
  verifyStandardWebhook,
  readWebhook,
} = sdk;
