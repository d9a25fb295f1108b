// The flag --node NAME=URL. What it holds may be a password: no message shows it.

import { Flags } from '@oclif/core';

export interface NodeMajor {
  readonly name: string;
  /** Null: only the name was given. */
  readonly url: string | null;
}

/** `NAME=URL`, or `NAME`. */
export const nodeFlag = Flags.custom<NodeMajor>({
  helpValue: 'NAME=URL',
  parse: (input) => {
    const at = input.indexOf('=');
    return Promise.resolve(
      at === -1
        ? { name: input, url: null }
        : { name: input.slice(0, at), url: input.slice(at + 1) },
    );
  },
});
