// Takes passwords out of texts that others wrote: a server quotes the connection string that it could not use.

import { withoutSecrets } from '../model/known-secrets.ts';

/**
 * The text without passwords: those that are known, and what looks like one. Rather cuts too much: after `password='` the rest of the line goes, since the
 * server may have doubled the quotes; in a URI everything before the last `@`.
 */
export const scrub = (text: string): string =>
  withoutSecrets(text)
    .replace(/(password\s*=\s*)(?:['"].*|(?:\\.|\S)+)/gi, '$1***')
    .replace(/\S+/g, withoutUserinfo)
    // libpq, on a connection string without `=`, quotes the word that it stopped at.
    .replace(/(missing "=" after )".*"/g, '$1"***"');

/** In steps that a word of many megabytes does not multiply: a server that is not yours can send one. */
const withoutUserinfo = (word: string): string => {
  const end = word.lastIndexOf('@');
  const start = end < 0 ? -1 : word.slice(0, end).search(/[a-z0-9+.-]:\/\//i);
  return start < 0 ? word : `${word.slice(0, start + '?://'.length)}***${word.slice(end)}`;
};
