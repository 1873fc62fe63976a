// SPDX-License-Identifier: MIT OR Apache-2.0
'use strict';

const { CheckRealClient } = require('./client.js');
const errors = require('./errors.js');
const { verifyWebhook, verifyStandardWebhook, readWebhook } = require('./webhook.js');

module.exports = {
  CheckRealClient,
  CheckRealError: errors.CheckRealError,
  AuthenticationError: errors.AuthenticationError,
  PermissionDeniedError: errors.PermissionDeniedError,
  InvalidRequestError: errors.InvalidRequestError,
  UnprocessableImageError: errors.UnprocessableImageError,
  NotFoundError: errors.NotFoundError,
  RateLimitError: errors.RateLimitError,
  QuotaExceededError: errors.QuotaExceededError,
  WrongRegionError: errors.WrongRegionError,
  ServerError: errors.ServerError,
  ConnectionFailedError: errors.ConnectionFailedError,
  RequestTimeoutError: errors.RequestTimeoutError,
  WebhookVerificationError: errors.WebhookVerificationError,
  verifyWebhook,
  verifyStandardWebhook,
  readWebhook,
};
