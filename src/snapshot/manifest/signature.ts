// Where a snapshot comes from: Ed25519 over the bytes of manifest.json, which holds the hash of every other file. The
// signature is in manifest.sig, as base64.

import { type KeyObject, sign, verify } from 'node:crypto';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { manifestFile, signatureFile } from '../../model/snapshot/snapshot.ts';
import type { Storage } from '../storage/storage.ts';

const largestSignature = 4096;

/** Before the manifest: a snapshot that is there is signed, if it was to be. Null: an older signature is removed. */
export const writeSignature = async (
  storage: Storage,
  manifest: string,
  key: KeyObject | null,
): Promise<void> => {
  if (key === null) return storage.remove(signatureFile);
  const signature = sign(null, Buffer.from(manifest), key).toString('base64');
  return storage.writeText(signatureFile, `${signature}\n`);
};

/** Whether a signature is there; by whom, only a key tells. */
export const isSigned = async (storage: Storage): Promise<boolean> =>
  (await storage.readText(signatureFile, largestSignature)) !== null;

/** @throws SteepError SNAPSHOT_SIGNATURE_MISSING, SNAPSHOT_SIGNATURE_WRONG. */
export const assertSigned = async (
  storage: Storage,
  manifest: string,
  key: KeyObject,
): Promise<void> => {
  const text = await storage.readText(signatureFile, largestSignature);
  const { location } = storage;
  if (text === null) {
    throw refused(
      'SNAPSHOT_SIGNATURE_MISSING',
      `${location} has no ${signatureFile}, so it is unknown who made the snapshot.`,
      'Generate or sign it with steep snapshot generate --sign-with KEY.',
    );
  }
  if (verify(null, Buffer.from(manifest), key, Buffer.from(text, 'base64'))) return;
  throw refused(
    'SNAPSHOT_SIGNATURE_WRONG',
    `${location}/${signatureFile} is not a signature of ${location}/${manifestFile} by the given key: the manifest was changed, or another key signed it.`,
    'Do not load it. Get the snapshot from the machine that made it, or use the public key that belongs to its private key.',
  );
};

const refused = (code: string, message: string, cure: string): SteepError =>
  new SteepError(code, message, { exit: ExitCode.refused, suggestions: [cure] });
