// What steep remembers of a connection string that it wrote: it can be compared, not read, and a password in it is slow
// to guess.

import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Conninfo } from '../../model/connection/conninfo.ts';

export interface ConnectionHash {
  readonly salt: string;
  /** `scrypt$HEX`; of earlier releases one SHA-256, as hexadecimal digits alone. */
  readonly hash: string;
}

const prefix = 'scrypt$';

/** About 16 MB and 30 ms a guess. Part of the format: another cost needs another prefix. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;

/** Every hash is computed once in a process: a plan compares hundreds of subscriptions with a few strings. */
const computed = new Map<string, Buffer>();

const scryptOf = (salt: string, text: string): Buffer => {
  const key = `${salt} ${text}`;
  const known = computed.get(key) ?? scryptSync(text, salt, hashBytes, cost);
  computed.set(key, known);
  return known;
};

/** The salt of this process, which its subscriptions share, so that a later plan computes one hash for all of them. */
const ownSalt = randomBytes(16).toString('hex');

/** What to remember. */
export const connectionHash = ({ text }: Conninfo, salt = ownSalt): ConnectionHash => ({
  salt,
  hash: `${prefix}${scryptOf(salt, text).toString('hex')}`,
});

/** Whether it is the string that is remembered. */
export const isRemembered = ({ text }: Conninfo, { salt, hash }: ConnectionHash): boolean => {
  const isScrypt = hash.startsWith(prefix);
  const made = isScrypt
    ? scryptOf(salt, text)
    : createHash('sha256').update(salt).update(text).digest();
  const kept = Buffer.from(isScrypt ? hash.slice(prefix.length) : hash, 'hex');
  return kept.length === made.length && timingSafeEqual(kept, made);
};
