// The objects below the prefix of a bucket: keys, lists, small texts, removal. Knows no journal and no upload.

import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { SteepError } from '../../model/errors.ts';
import { isMissing } from './bucket-failures.ts';
import type { BucketLocation } from './bucket-location.ts';
import { fileLarge } from './missing.ts';
import type { ByteRange } from './storage.ts';

/** A bucket and a client that may use it. */
export interface Bucket extends BucketLocation {
  readonly client: S3Client;
  /** `s3://bucket/prefix`. */
  readonly location: string;
}

export interface BucketObject {
  /** Below the prefix. */
  readonly path: string;
  readonly bytes: number;
}

/** Keys that one request may delete. */
const batch = 1000;

export const keyOf = ({ prefix }: Bucket, path: string): string =>
  prefix === '' ? path : `${prefix}/${path}`;

/** The objects below a folder (`''`: all), sorted by path. What consoles put there to show a folder is none. */
export async function* listObjects(bucket: Bucket, folder: string): AsyncGenerator<BucketObject> {
  const root = bucket.prefix === '' ? '' : `${bucket.prefix}/`;
  const below = folder === '' ? root : `${root}${folder}/`;
  for await (const { key, bytes } of listKeys(bucket, below)) {
    if (!key.endsWith('/')) yield { path: key.slice(root.length), bytes };
  }
}

export async function* listKeys(
  { client, bucket }: Bucket,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) yield { key: Key, bytes: Size };
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** null: it is not there. Checksums that were stored with it are checked as it is read. */
export const getObject = async (
  bucket: Bucket,
  path: string,
  { signal, range }: { readonly signal?: AbortSignal; readonly range?: ByteRange | undefined } = {},
): Promise<GetObjectCommandOutput | null> => {
  const command = new GetObjectCommand({
    Bucket: bucket.bucket,
    Key: keyOf(bucket, path),
    ChecksumMode: 'ENABLED',
    ...(range && { Range: `bytes=${range.from}-${range.from + range.bytes - 1}` }),
  });
  try {
    return await bucket.client.send(command, signal && { abortSignal: signal });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

/** A small object as text; null: it is not there. A larger one is refused before it is read. */
export const getText = async (
  bucket: Bucket,
  path: string,
  limit: number,
): Promise<string | null> => {
  const object = await getObject(bucket, path);
  if (object === null) return null;
  const body = object.Body;
  if (body === undefined) return '';
  if ((object.ContentLength ?? 0) <= limit) return body.transformToString('utf8');
  if ('destroy' in body) body.destroy();
  throw fileLarge(bucket.location, path, limit);
};

export const putText = async (bucket: Bucket, path: string, text: string): Promise<void> => {
  await bucket.client.send(
    new PutObjectCommand({
      Bucket: bucket.bucket,
      Key: keyOf(bucket, path),
      Body: Buffer.from(text),
    }),
  );
};

/** Those that are not there are no error. */
export const deleteKeys = async (bucket: Bucket, keys: readonly string[]): Promise<void> => {
  for (let done = 0; done < keys.length; done += batch) {
    const objects = keys.slice(done, done + batch).map((Key) => ({ Key }));
    const { Errors = [] } = await bucket.client.send(
      new DeleteObjectsCommand({
        Bucket: bucket.bucket,
        Delete: { Objects: objects, Quiet: true },
      }),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new SteepError(
        'STORAGE_FAILED',
        `s3://${bucket.bucket}/${first.Key ?? ''} cannot be removed: ${first.Code ?? 'unknown'}.`,
        { suggestions: ['Grant the credentials s3:DeleteObject on the objects of the bucket.'] },
      );
    }
  }
};
