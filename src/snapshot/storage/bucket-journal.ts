// A journal in a bucket, which cannot append: each line is an object of its own, numbered, below `<path>.lines/`.
// To everybody else it looks like one file. Knows not what the lines say.

import { randomBytes } from 'node:crypto';
import { type Bucket, type BucketObject, getText, listObjects, putText } from './bucket-objects.ts';
import { checkPath } from './path.ts';

/** Appends a line to the journal of a path. */
export type AppendLine = (path: string, line: string) => Promise<void>;

const folderOf = (path: string): string => `${path}.lines`;
const lineObject = /^(.+)\.lines\/\d{10}-[0-9a-f]{8}$/;
/** Lines that are fetched at once. */
const atOnce = 16;
const longestLine = 1024 ** 2;

/** The file that an object is, or is a line of. */
export const fileOf = (path: string): string => lineObject.exec(path)?.[1] ?? path;

/** Objects as files: the lines of a journal, which come one after the other, are one. */
export async function* asFiles(objects: AsyncIterable<BucketObject>): AsyncGenerator<BucketObject> {
  let last: BucketObject | null = null;
  for await (const object of objects) {
    const path = fileOf(object.path);
    if (last !== null && last.path !== path) yield last;
    const before: number = last?.path === path ? last.bytes : 0;
    last = { path, bytes: before + object.bytes };
  }
  if (last !== null) yield last;
}

/**
 * Numbers continue where the journal ends. What is random keeps two runs, which should not be, from replacing each
 * other's lines.
 */
export const lineAppender = (bucket: Bucket): AppendLine => {
  const next = new Map<string, Promise<() => number>>();
  return async (path, line) => {
    const known = next.get(path) ?? numbersFrom(bucket, path);
    next.set(path, known);
    known.catch(() => next.delete(path));
    const number = String((await known)()).padStart(10, '0');
    const name = `${folderOf(path)}/${number}-${randomBytes(4).toString('hex')}`;
    await putText(bucket, name, line);
  };
};

/** The lines, in the order of their numbers. */
export async function* bucketLines(bucket: Bucket, path: string): AsyncGenerator<string> {
  checkPath(path);
  const pending: Promise<string | null>[] = [];
  for await (const object of lineObjects(bucket, path)) {
    const line = getText(bucket, object, longestLine);
    // Told when its turn comes.
    line.catch(() => undefined);
    pending.push(line);
    if (pending.length >= atOnce) yield (await pending.shift()) ?? '';
  }
  for (const line of pending) yield (await line) ?? '';
}

async function* lineObjects(bucket: Bucket, path: string): AsyncGenerator<string> {
  for await (const object of listObjects(bucket, folderOf(path))) {
    if (fileOf(object.path) === path) yield object.path;
  }
}

const numbersFrom = async (bucket: Bucket, path: string): Promise<() => number> => {
  let last = 0;
  for await (const object of lineObjects(bucket, path)) {
    last = Math.max(last, Number(object.slice(folderOf(path).length + 1).split('-')[0]));
  }
  return () => {
    last += 1;
    return last;
  };
};
