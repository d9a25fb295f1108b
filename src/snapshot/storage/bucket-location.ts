// `s3://bucket/prefix` as people write it. Knows no network.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { checkPath } from './path.ts';

export interface BucketLocation {
  readonly bucket: string;
  /** Without slashes at its ends; `''`: the whole bucket. */
  readonly prefix: string;
}

/** null: it is no s3:// location, so a directory. A bad one is refused: STORAGE_LOCATION. */
export const parseBucketLocation = (text: string): BucketLocation | null => {
  if (!/^s3:/i.test(text)) return null;
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw invalid();
  const prefix = rest.replace(/\/$/, '');
  if (prefix !== '') checkPath(prefix);
  return { bucket, prefix };
};

/** The text itself is not shown: a user may have written a key into it. */
const invalid = (): SteepError =>
  new SteepError('STORAGE_LOCATION', 'The location is not of the form s3://BUCKET/PREFIX.', {
    exit: ExitCode.usage,
    suggestions: [
      'Name a bucket of 3 to 63 lower case letters, digits, dots and hyphens. Credentials belong in the environment or in the AWS configuration, another server in AWS_ENDPOINT_URL.',
    ],
  });
