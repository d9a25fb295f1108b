// The manifest as text: canonical JSON with a digest over all of it, so that no byte can change unnoticed. Reads no file.

import { createHash } from 'node:crypto';
import type { ValidateFunction } from 'ajv';
import canonicalize from 'canonicalize';
import { SteepError } from '../../model/errors.ts';
import { toCamelKeys, toSnakeKeys } from '../../model/key-case.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { type SnapshotManifest, snapshotFormatVersions } from '../../model/snapshot/snapshot.ts';
import { validate } from './manifest-check.generated.ts';

type Document = Readonly<Record<string, unknown>>;

const fits = validate as ValidateFunction;

const canonical = (document: Document): string => canonicalize(document) ?? '';

const digestOf = (document: Document): string =>
  `sha256:${createHash('sha256').update(canonical(document)).digest('hex')}`;

/** The text of manifest.json; ends with a line feed. */
export const renderManifest = (manifest: SnapshotManifest): string => {
  const document = toSnakeKeys(manifest) as Document;
  return `${canonical({ ...document, digest: digestOf(document) })}\n`;
};

/**
 * @param where names the file in errors.
 * @throws SteepError SNAPSHOT_FORMAT for one of another steep, SNAPSHOT_DAMAGED for any other text.
 */
export const parseManifest = (text: string, where: string): SnapshotManifest => {
  const document = parseJson(text, where);
  const { format_version: version } = document;
  if (typeof version === 'number' && !snapshotFormatVersions.some((it) => it === version)) {
    throw unknownFormat(where, version);
  }
  const { digest, ...content } = document;
  if (digest !== digestOf(content)) throw damaged(where, 'its digest does not match its content');
  if (text !== `${canonical(document)}\n`)
    throw damaged(where, 'it is not in the form that steep writes');
  if (!fits(document)) {
    const [fault] = fits.errors ?? [];
    throw damaged(where, `${fault?.instancePath ?? ''} ${fault?.message ?? 'does not fit'}`.trim());
  }
  return toCamelKeys(content) as SnapshotManifest;
};

const parseJson = (text: string, where: string): Document => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(where, 'it is not JSON', error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Document;
  }
  throw damaged(where, 'it is not a JSON object');
};

const damaged = (where: string, why: string, cause?: unknown): SteepError =>
  new SteepError('SNAPSHOT_DAMAGED', `${where} is damaged: ${why}.`, {
    exit: ExitCode.refused,
    suggestions: ['Copy the snapshot again from an intact copy, or generate a new one.'],
    cause,
  });

const unknownFormat = (where: string, version: number): SteepError =>
  new SteepError(
    'SNAPSHOT_FORMAT',
    `${where} has format ${version}; this version of steep reads formats ${snapshotFormatVersions.join(' and ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Use the version of steep that made it, or generate it again with this one.'],
    },
  );
