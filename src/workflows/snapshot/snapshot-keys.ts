// The keys that sign snapshots and prove where they come from: Ed25519, in PEM files.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { isPrivate, readKeyFile } from '../../postgres/connect/private-file.ts';
import type { ManifestTrust } from '../../snapshot/manifest/read-manifest.ts';

/** @throws SteepError SNAPSHOT_KEY (exit 64). */
export const readSigningKey = async (file: string): Promise<KeyObject> => {
  const pem = await readPem(file);
  if (!(await isPrivate(file))) {
    throw unfit(file, 'can be read by other users of this machine', [`chmod 600 ${file}`]);
  }
  return ed25519(file, 'private', () => createPrivateKey(pem));
};

const readPublicKey = async (file: string): Promise<KeyObject> => {
  const pem = await readPem(file);
  return ed25519(file, 'public', () => createPublicKey(pem));
};

/**
 * What a snapshot must be, from flags. @param verifyWith a file with a public key.
 * @throws SteepError SNAPSHOT_KEY (exit 64).
 */
export const trustFrom = async (
  expectSha256: string | null,
  verifyWith: string | null | undefined,
): Promise<ManifestTrust> => ({
  expectSha256,
  publicKey: typeof verifyWith === 'string' ? await readPublicKey(verifyWith) : null,
});

const readPem = async (file: string): Promise<string> => {
  try {
    return await readKeyFile(file);
  } catch (error) {
    throw unfit(file, 'cannot be read', ['Name a file in PEM format.'], error);
  }
};

const howToMake = [
  'openssl genpkey -algorithm ed25519 -out key.pem && chmod 600 key.pem',
  'openssl pkey -in key.pem -pubout -out key.pub.pem',
];

/** The error of the parser is left out: it may quote the key. */
const ed25519 = (file: string, kind: 'private' | 'public', parse: () => KeyObject): KeyObject => {
  const key = parsedKey(parse);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw unfit(file, `holds no ${kind} Ed25519 key in PEM format without a passphrase`, howToMake);
};

const parsedKey = (parse: () => KeyObject): KeyObject | null => {
  try {
    return parse();
  } catch {
    return null;
  }
};

const unfit = (
  file: string,
  why: string,
  suggestions: readonly string[],
  cause?: unknown,
): SteepError =>
  new SteepError('SNAPSHOT_KEY', `The key file ${file} ${why}.`, {
    exit: ExitCode.usage,
    suggestions,
    cause,
  });
