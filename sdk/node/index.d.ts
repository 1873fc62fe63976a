// SPDX-License-Identifier: MIT OR Apache-2.0

/** Settings of a client. */
export interface ClientOptions {
  /** Without it the environment's `CHECKREAL_API_KEY`. */
  apiKey?: string | undefined;
  /** With `/v1`. Without it the environment's `CHECKREAL_BASE_URL`, or the region us-east-1. */
  baseUrl?: string | undefined;
  /** Until an attempt must have been answered, ms; 60,000 unless said. */
  timeoutMs?: number | undefined;
  /** Attempts of one request; 4 unless said, 1 tries nothing again. */
  maxAttempts?: number | undefined;
  /** Longest `Retry-After` that is waited for, ms; 60,000 unless said. */
  maxRetryAfterMs?: number | undefined;
  /** Takes the place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Settings of one request. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Until each attempt must have been answered, ms. */
  timeoutMs?: number | undefined;
}

export interface PostOptions extends RequestOptions {
  /** A request that is sent again under it within a day gets the first answer; random unless said. */
  idempotencyKey?: string | undefined;
}

/** One image, in one of four forms. */
export type ImageSource =
  | { imageUrl: string; imageBase64?: never; imagePath?: never; image?: never }
  | { imageUrl?: never; imageBase64: string; imagePath?: never; image?: never }
  | { imageUrl?: never; imageBase64?: never; imagePath: string | URL; image?: never }
  | { imageUrl?: never; imageBase64?: never; imagePath?: never; image: ImageBytes };

export type ImageBytes = Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

export interface AnalysisOptions {
  /** Detectors to run, or `['all']`; names are those of `getDetectors`. */
  models?: string[] | undefined;
  /** `false` leaves the metadata detector out. */
  metadataAnalysis?: boolean | undefined;
  /** Whether drawings of what was localised are part of the answer. */
  returnHeatmap?: boolean | undefined;
  /** One of `getPolicies`. */
  policy?: string | undefined;
}

export interface Context {
  /** When the picture is said to have been taken: RFC 3339 date or time. */
  claimedAt?: string | Date | undefined;
}

export type ImageRequest = ImageSource & {
  /** Your own name for it, at most 256 bytes. */
  referenceId?: string | undefined;
  context?: Context | undefined;
};

export type AnalyzeRequest = ImageRequest & {
  options?: (AnalysisOptions & { webhookUrl?: null | undefined }) | undefined;
};

export type AnalyzeLaterRequest = ImageRequest & {
  options: AnalysisOptions & { webhookUrl: string };
};

export interface BatchRequest {
  images: ImageRequest[];
  options?: AnalysisOptions | undefined;
  /** Where to tell that all are done. */
  webhookUrl?: string | undefined;
  batchReferenceId?: string | undefined;
}

export type VerdictLabel = 'AUTHENTIC' | 'AI_GENERATED' | 'MANIPULATED' | 'INCONCLUSIVE';
export type RiskLevel = 'LOW' | 'MEDIUM' | 'HIGH';
export type ModelLabel =
  | 'AUTHENTIC'
  | 'SYNTHETIC'
  | 'MANIPULATED'
  | 'SUSPICIOUS'
  | 'INCONCLUSIVE';

/** What every answer has besides its fields. */
export interface Answer {
  /** The API's own JSON, with fields that this version does not know. Not enumerable. */
  readonly raw: Record<string, unknown>;
}

export interface Verdict {
  label: VerdictLabel;
  /** How sure the label is, 0..=1. */
  confidence: number;
  riskLevel: RiskLevel;
  /** The probability that the image is not authentic, 0..=1. */
  risk: number;
  pAiGenerated: number;
  pManipulated: number;
  /** Why, the weightiest first. */
  reasons: Reason[];
}

export interface Reason {
  code: string;
  text: string;
  detectors: string[];
}

export interface ModelResult {
  /** 0..=1; null without an answer. */
  score: number | null;
  label: ModelLabel;
  detail: string;
  status: 'complete' | 'not_applicable' | 'error' | 'timeout';
  findings: Finding[];
  version: string;
  digest: string;
  durationMs: number;
  /** What the detector tells besides: `exifPresent`, `gpsPresent`, … */
  [attribute: string]: unknown;
}

export interface Finding {
  code: string;
  severity: 'info' | 'notice' | 'warning' | 'decisive';
  text: string;
  /** Names as the detector has them. */
  values: Record<string, unknown>;
  regions: Region[];
}

/** A box in the stored picture, px. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ImageInfo {
  width: number;
  height: number;
  format: string;
  fileSizeBytes: number;
  sha256: string;
}

export interface Heatmap {
  overlayPngBase64?: string;
  maskPngBase64?: string;
  width: number;
  height: number;
  cellPx?: number;
  regions: (Region & { score: number; findings: string[] })[];
}

/** An image that was examined. */
export interface Analysis extends Answer {
  requestId: string;
  referenceId: string | null;
  status: 'complete';
  processedAt: string;
  verdict: Verdict;
  /** By result key, as `getDetectors` names it: `gan_detection`, `metadata_analysis`, … */
  modelResults: Record<string, ModelResult>;
  imageInfo: ImageInfo;
  processingTimeMs: number;
  policy: { name: string; version: string; digest: string };
  stability?: Stability;
  heatmap?: Heatmap;
}

export interface Stability {
  status: 'stable' | 'unstable' | 'not_checked';
  label: VerdictLabel;
  detectors: string[];
  copies: StabilityCopy[];
}

export interface StabilityCopy {
  copy: 'recompressed' | 'resized';
  label: VerdictLabel | null;
  pAiGenerated: number | null;
  pManipulated: number | null;
  detail: string;
  modelResults: Record<string, ModelResult>;
}

export interface Failure {
  code: string;
  message: string;
  requestId: string;
}

/** An image that is examined later. */
export interface Accepted extends Answer {
  requestId: string;
  referenceId: string | null;
  status: 'processing';
  statusUrl: string;
}

/** How far an image is that was accepted. */
export type Standing =
  | (Answer & { requestId: string; referenceId: string | null; status: 'processing' })
  | (Answer & {
      requestId: string;
      referenceId: string | null;
      status: 'failed';
      error: Failure;
    });

export interface BatchAccepted extends Answer {
  batchId: string;
  batchReferenceId: string | null;
  imageCount: number;
  estimatedCompletionSeconds: number;
  statusUrl: string;
}

export type BatchResult =
  | { requestId: string; referenceId: string | null; status: 'complete'; verdict: Verdict }
  | { requestId: string; referenceId: string | null; status: 'failed'; error: Failure };

export interface Batch {
  batchId: string;
  batchReferenceId: string | null;
  status: 'PROCESSING' | 'COMPLETE';
  total: number;
  completed: number;
  failed: number;
  /** In the order of completion. */
  results: BatchResult[];
  nextCursor: string | null;
}

export interface Detector {
  model: string;
  resultKey: string;
  title: string;
  kind: 'generation' | 'manipulation' | 'provenance';
  version: string;
  digest: string;
}

export interface Policy {
  name: string;
  version: string;
  description: string;
  digest: string;
  isDefault: boolean;
}

export interface Usage extends Answer {
  organisation: string;
  plan: string;
  requestsPerMinute: number;
  batchSize: number;
  day: { limit: number; used: number; reset: number };
}

export interface RateLimit {
  limit: number;
  remaining: number;
  reset: Date;
}

export interface PollOptions {
  signal?: AbortSignal | undefined;
  /** First wait between two looks, ms; 1,000 unless said. It grows to 5,000. */
  pollIntervalMs?: number | undefined;
  /** Until the batch must be done, ms; an hour unless said. */
  timeoutMs?: number | undefined;
  /** Results of one page, 1..=1000. */
  pageSize?: number | undefined;
}

export class CheckRealClient {
  /** @throws TypeError without a key. */
  constructor(options?: ClientOptions);
  readonly rateLimit: RateLimit | null;
  analyze(request: AnalyzeRequest, options?: PostOptions): Promise<Analysis>;
  /** Returns at once; the webhook is told. */
  analyze(request: AnalyzeLaterRequest, options?: PostOptions): Promise<Accepted>;
  analyzeBatch(request: BatchRequest, options?: PostOptions): Promise<BatchAccepted>;
  getBatch(
    batchId: string,
    options?: RequestOptions & { limit?: number | undefined; cursor?: string | null | undefined },
  ): Promise<Batch & Answer>;
  batchResults(batchId: string, options?: PollOptions): AsyncIterableIterator<BatchResult>;
  waitForBatch(batchId: string, options?: PollOptions): Promise<Batch>;
  getAnalysis(requestId: string, options?: RequestOptions): Promise<Analysis | Standing>;
  /** A PNG of the stored picture's size: 8-bit grey, or to lay over the picture. */
  getHeatmap(
    requestId: string,
    options?: RequestOptions & { layer?: 'mask' | 'colour' | undefined },
  ): Promise<Uint8Array>;
  getDetectors(options?: RequestOptions): Promise<Detector[]>;
  getPolicies(options?: RequestOptions): Promise<Policy[]>;
  getUsage(options?: RequestOptions): Promise<Usage>;
}

/** Any failure of a request. */
export class CheckRealError extends Error {
  readonly code: string;
  readonly status: number | null;
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
}
/** 401 */
export class AuthenticationError extends CheckRealError {}
/** 403: scope, path or address of the key. */
export class PermissionDeniedError extends CheckRealError {}
/** The request is wrong, not the image. */
export class InvalidRequestError extends CheckRealError {}
/** The image cannot be examined: its size, format or content, or its URL. */
export class UnprocessableImageError extends CheckRealError {}
/** 404 */
export class NotFoundError extends CheckRealError {}
/** 429: too many requests in this minute. */
export class RateLimitError extends CheckRealError {}
/** 429: too many images today. */
export class QuotaExceededError extends CheckRealError {}
/** 421 */
export class WrongRegionError extends CheckRealError {
  readonly regionBaseUrl: string | null;
}
/** 5xx */
export class ServerError extends CheckRealError {}
export class ConnectionFailedError extends CheckRealError {
  readonly hadBegun: boolean;
}
export class RequestTimeoutError extends CheckRealError {}
export class WebhookVerificationError extends Error {}

export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

export interface WebhookOptions {
  /** How old or how far ahead a message may be; 300 unless said. */
  toleranceSeconds?: number | undefined;
  /** Unix seconds. */
  now?: number | undefined;
}

export type WebhookEvent = Answer & { webhookDeliveredAt: string } & (
    | {
        event: 'analysis.complete';
        requestId: string;
        referenceId: string | null;
        verdict: Verdict;
      }
    | { event: 'analysis.failed'; requestId: string; referenceId: string | null; error: Failure }
    | {
        event: 'batch.complete';
        batchId: string;
        batchReferenceId: string | null;
        total: number;
        completed: number;
        failed: number;
        summary: Record<VerdictLabel, number>;
      }
  );

/** Whether `X-CheckReal-Signature` is that of the body's bytes; false for one of any other length. */
export function verifyWebhook(
  payload: string | Uint8Array,
  signature: string | undefined,
  secret: string,
): boolean;

/** Whether the headers of Standard Webhooks are those of the body, and recent. */
export function verifyStandardWebhook(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  options?: WebhookOptions,
): boolean;

/**
 * The event of a webhook.
 * @throws WebhookVerificationError where it is not from the API, or too old.
 */
export function readWebhook(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  options?: WebhookOptions,
): WebhookEvent;
