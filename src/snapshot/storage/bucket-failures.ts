// What a bucket answers, in our words: which object, what the server said, and what to do. Never a credential.

import { SteepError } from '../../model/errors.ts';
import { scrub } from '../../postgres/scrub.ts';

/** What the errors of the SDK have, as far as it is read. */
interface ServiceError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether the server says that the object is not there; a bucket that is not there is something else. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');

/** The error as a SteepError; a reason to abort, or a failure of the content, as it is. */
export const explainBucket = (error: unknown, object: string): unknown => {
  if (error instanceof SteepError || !(error instanceof Error)) return error;
  const { $metadata, code } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  if (isFull(error, status)) return full(object, error);
  const kind = kinds.find(({ names }) =>
    names.test(`${error.name} ${String(code)} ${error.message}`),
  );
  const cure = kind?.cure ?? (status === 403 ? rightsCure : usualCure);
  return new SteepError('STORAGE_FAILED', `${object}: ${sayings(error, status)}`, {
    suggestions: [cure],
  });
};

const isFull = (error: Error, status: number | undefined): boolean =>
  status === 507 || /StorageFull|QuotaExceeded|InsufficientStorage/i.test(error.name);

const rightsCure =
  'Grant the credentials s3:ListBucket on the bucket, s3:GetObject on its objects, and to write also s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.';
const usualCure =
  'Check that the server is up and reachable from here, and run the same command again: complete files are kept.';

const kinds: readonly { readonly names: RegExp; readonly cure: string }[] = [
  { names: /NoSuchBucket/, cure: 'Create the bucket, or correct its name.' },
  {
    names:
      /InvalidAccessKeyId|SignatureDoesNotMatch|Expired|InvalidToken|CredentialsProvider|TokenProvider/,
    cure: 'Correct the credentials in the environment or the AWS configuration, or log in again; AWS_PROFILE selects a profile.',
  },
  { names: /AccessDenied|AllAccessDisabled/, cure: rightsCure },
  {
    names:
      /Region is missing|PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/,
    cure: 'Set AWS_REGION to the region of the bucket.',
  },
  { names: /RequestTimeTooSkewed/, cure: 'Correct the clock of this machine.' },
  {
    names: /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|CERT|SSL/,
    cure: 'Check AWS_ENDPOINT_URL and the network: no server answers there.',
  },
];

const full = (object: string, error: Error): SteepError =>
  new SteepError('STORAGE_FULL', `${object}: ${sayings(error, undefined)}`, {
    suggestions: [
      'Free space in the bucket, or choose another one or a stronger compression, and run the same command again.',
    ],
  });

/** Texts of servers name roles and objects, which helps, and may quote what they were sent, which must not show. */
const sayings = (error: Error, status: number | undefined): string => {
  const text = error.message === '' ? error.name : error.message;
  const safe = scrub(text)
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, '***')
    .replace(/\s+/g, ' ')
    .slice(0, 500)
    .replace(/\.$/, '');
  const named = ['Error', 'UnknownError', 'Unknown'].includes(error.name) ? '' : `${error.name}: `;
  return `${named}${safe}${status === undefined ? '' : ` (${status})`}.`;
};
