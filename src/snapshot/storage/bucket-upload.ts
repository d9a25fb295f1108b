// Puts a file into a bucket in parts, so that its size does not matter: it is there wholly, or not at all.
// Knows not what is in it.

import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { explainBucket } from './bucket-failures.ts';
import { type Bucket, keyOf } from './bucket-objects.ts';
import type { Content } from './storage.ts';
import { watchContent } from './watch-content.ts';

/** A file has at most 10,000 parts: 80 GB. */
const partSize = 8 * 1024 ** 2;
/** Parts on their way at once; with those that wait, a write holds about twice as many in memory. */
const partsAtOnce = 3;

/**
 * Answers the bytes written. An abort breaks the content, not the request, so that the upload ends by itself
 * and takes its parts away before this rejects.
 */
export const upload = async (
  bucket: Bucket,
  path: string,
  content: Content,
  signal: AbortSignal,
): Promise<number> => {
  const watched = watchContent(content, signal);
  const body = Readable.from(watched.content, { objectMode: false });
  const parts = new Upload({
    client: bucket.client,
    params: { Bucket: bucket.bucket, Key: keyOf(bucket, path), Body: body },
    partSize,
    queueSize: partsAtOnce,
    leavePartsOnError: false,
  });
  try {
    await parts.done();
  } catch (error) {
    throw watched.failure()?.error ?? explainBucket(error, `${bucket.location}/${path}`);
  }
  return watched.bytes();
};

/** Ends what uploads that were never completed have left: their parts are in no list, and are paid for. */
export const endUploads = async (bucket: Bucket): Promise<void> => {
  const prefix = bucket.prefix === '' ? '' : `${bucket.prefix}/`;
  for await (const { Key, UploadId } of listUploads(bucket, prefix)) {
    await bucket.client.send(
      new AbortMultipartUploadCommand({ Bucket: bucket.bucket, Key, UploadId }),
    );
  }
};

type MultipartUpload = NonNullable<ListMultipartUploadsCommandOutput['Uploads']>[number];

async function* listUploads(bucket: Bucket, prefix: string): AsyncGenerator<MultipartUpload> {
  let after: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {};
  while (after !== null) {
    const page: ListMultipartUploadsCommandOutput = await bucket.client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket.bucket, Prefix: prefix, ...after }),
    );
    yield* page.Uploads ?? [];
    after =
      page.IsTruncated === true && page.NextKeyMarker !== undefined
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker ?? '' }
        : null;
  }
}
