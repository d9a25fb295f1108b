// Log sequence numbers: text `16/B374D848` on the outside, 64-bit inside.

import { SteepError } from './errors.ts';

/** `16/B374D848` → its byte position in the WAL. @throws SteepError PROTOCOL_VIOLATION: what claims to be a server sent it. */
const parseLsn = (lsn: string): bigint => {
  const [, high, low] = /^([\dA-F]{1,8})\/([\dA-F]{1,8})$/i.exec(lsn) ?? [];
  if (high === undefined || low === undefined) {
    throw new SteepError(
      'PROTOCOL_VIOLATION',
      `A server sent "${lsn.slice(0, 40)}" where a position in its WAL was expected.`,
      {
        suggestions: [
          'Check host and port of the connection, and let TLS verify the server: sslmode=verify-full with sslrootcert.',
        ],
      },
    );
  }
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
};

const formatLsn = (position: bigint): string =>
  `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();

/** The position so many bytes further. */
export const lsnAfter = (lsn: string, bytes: number): string =>
  formatLsn(parseLsn(lsn) + BigInt(bytes));

const pageBytes = 8192n;
const headerBytes = { page: 24n, segment: 40n };

/**
 * The position, unless it is right behind the header of a page: then where the page begins. No record is between them,
 * so that nobody confirms more until something is written.
 */
export const withoutPageHeader = (lsn: string, segmentBytes: number): string => {
  const position = parseLsn(lsn);
  const within = position % pageBytes;
  const isFirst = position % BigInt(segmentBytes) === within;
  const isHeader = within === (isFirst ? headerBytes.segment : headerBytes.page);
  return isHeader ? formatLsn(position - within) : lsn;
};

/** Bytes of WAL from one position to another; negative when `to` lies before `from`. */
export const lsnDistance = (from: string, to: string): number =>
  Number(parseLsn(to) - parseLsn(from));
