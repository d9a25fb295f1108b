// Snapshot files as objects of a bucket, on AWS or any server that speaks S3. Loads the AWS SDK, so it is itself
// only loaded for a bucket. Credentials, region and endpoint are the SDK's business. Knows no directories.

import { Readable } from 'node:stream';
import { ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { explainBucket } from './bucket-failures.ts';
import { asFiles, bucketLines, fileOf, lineAppender } from './bucket-journal.ts';
import type { BucketLocation } from './bucket-location.ts';
import {
  type Bucket,
  deleteKeys,
  getObject,
  getText,
  keyOf,
  listKeys,
  listObjects,
  putText,
} from './bucket-objects.ts';
import { endUploads, upload } from './bucket-upload.ts';
import { fileMissing } from './missing.ts';
import { checkPath, isPath } from './path.ts';
import { warnOfPlainHttp } from './plain-http.ts';
import type { ByteRange, Storage, StoredFile } from './storage.ts';
import { withErrors } from './with-errors.ts';

/** Opens a bucket, and makes sure that it is there and lets us in. */
export const openBucket = async (at: BucketLocation): Promise<Storage> => {
  const location = `s3://${[at.bucket, at.prefix].filter((part) => part !== '').join('/')}`;
  return explained(location, async () => {
    const bucket: Bucket = { ...at, location, client: await connect() };
    const first = { Bucket: at.bucket, Prefix: keyOf(bucket, ''), MaxKeys: 1 };
    await bucket.client.send(new ListObjectsV2Command(first));
    return storageIn(bucket);
  });
};

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

const settings: S3ClientConfig = {
  maxAttempts: 5,
  logger: silent,
  requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000, logger: silent },
};

/** Servers of one's own seldom have a host name for each bucket, so that the bucket goes into the path. */
const connect = async (): Promise<S3Client> => {
  const client = new S3Client(settings);
  const endpoint = await client.config.serviceConfiguredEndpoint?.();
  if (endpoint === undefined) return client;
  if (URL.canParse(endpoint)) warnOfPlainHttp(new URL(endpoint));
  client.destroy();
  return new S3Client({ ...settings, forcePathStyle: true });
};

const storageIn = (bucket: Bucket): Storage => {
  const { client, location } = bucket;
  const appendLine = lineAppender(bucket);
  const at = (path: string): string => (path === '' ? location : `${location}/${path}`);
  const about = <T>(path: string, work: () => Promise<T>): Promise<T> =>
    explained(at(path), async () => {
      checkPath(path);
      return work();
    });
  return {
    location,
    write: async (path, content, signal) => upload(bucket, checkPath(path), content, signal),
    // A bucket answers when it will not lose the object any more.
    sync: () => Promise.resolve(),
    writeText: (path, text) => about(path, () => putText(bucket, path, text)),
    append: (path, line) => about(path, () => appendLine(path, line)),
    readLines: (path) => explainedEach(at(path), bucketLines(bucket, path)),
    read: (path, signal, range) => readObject(bucket, path, signal, range),
    readText: (path, limit) => about(path, () => getText(bucket, path, limit)),
    list: (folder) => explainedEach(at(folder), listFiles(bucket, folder)),
    remove: (path) => about(path, () => removeFile(bucket, path)),
    removeAll: (paths) => explained(location, () => removeAll(bucket, new Set(paths))),
    removePartials: () => explained(location, () => endUploads(bucket)),
    freeBytes: () => Promise.resolve(null),
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
};

const readObject = async (
  bucket: Bucket,
  path: string,
  signal: AbortSignal,
  range: ByteRange | undefined,
): Promise<Readable> => {
  const explain = (error: unknown): unknown => explainBucket(error, `${bucket.location}/${path}`);
  signal.throwIfAborted();
  const object = await getObject(bucket, checkPath(path), { signal, range }).catch(
    (error: unknown) => {
      throw signal.aborted ? signal.reason : explain(error);
    },
  );
  if (object === null) throw fileMissing(bucket.location, path);
  const body = object.Body instanceof Readable ? object.Body : Readable.from([]);
  return withErrors(body, signal, explain);
};

/** A name that none of our paths has is listed as something else: it may not be used. */
async function* listFiles(bucket: Bucket, folder: string): AsyncGenerator<StoredFile> {
  if (folder !== '') checkPath(folder);
  for await (const { path, bytes } of asFiles(listObjects(bucket, folder))) {
    yield { path, bytes, kind: isPath(path) ? 'file' : 'other' };
  }
}

const removeFile = async (bucket: Bucket, path: string): Promise<void> => {
  const keys = [keyOf(bucket, path)];
  for await (const object of listObjects(bucket, `${path}.lines`)) {
    if (fileOf(object.path) === path) keys.push(keyOf(bucket, object.path));
  }
  await deleteKeys(bucket, keys);
};

const removeAll = async (
  bucket: Bucket,
  paths: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const named: string[] = [];
  const left = new Set<string>();
  for await (const { path } of listObjects(bucket, '')) {
    const file = fileOf(path);
    if (paths.has(file)) named.push(keyOf(bucket, path));
    else left.add(file);
  }
  await deleteKeys(bucket, named);
  if (left.size === 0 && bucket.prefix !== '') await removeMarkers(bucket);
  return [...left];
};

/** What consoles leave to show empty folders. */
const removeMarkers = async (bucket: Bucket): Promise<void> => {
  const keys: string[] = [];
  for await (const { key } of listKeys(bucket, keyOf(bucket, ''))) keys.push(key);
  await deleteKeys(
    bucket,
    keys.filter((key) => key.endsWith('/')),
  );
};

const explained = async <T>(object: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw explainBucket(error, object);
  }
};

async function* explainedEach<T>(object: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw explainBucket(error, object);
  }
}
