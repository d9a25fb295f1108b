// The flags of watch.

import { Flags } from '@oclif/core';
import { consentFlags } from './flags.ts';

export const watchFlags = {
  once: Flags.boolean({
    summary:
      'Print the state as text, once, when every verdict is certain; exit codes as of steep status.',
  }),
  plain: Flags.boolean({
    summary: 'Write a block of text whenever it has changed; for screen readers and files.',
    exclusive: ['once'],
  }),
  html: Flags.string({
    summary: 'Like --once, but write an HTML page that needs no other file.',
    helpValue: 'FILE',
    exclusive: ['plain'],
  }),
  'read-only': Flags.boolean({
    summary: 'Refuse the keys that change something: C, P, R and V.',
    default: false,
  }),
  ...consentFlags,
  record: Flags.string({
    summary: 'Append what the screen shows to a file, one event for each line.',
    helpValue: 'FILE',
    exclusive: ['replay'],
  }),
  replay: Flags.string({
    summary: 'Show what was recorded; no server is contacted.',
    helpValue: 'FILE',
  }),
  speed: Flags.integer({
    summary: 'Play a recording this many times as fast.',
    helpValue: 'TIMES',
    min: 1,
    default: 1,
  }),
};

/** Why nothing can be changed from the screen; null: it can. */
export const forbiddenBy = (flags: {
  readonly 'read-only': boolean;
  readonly replay?: string | undefined;
}): string | null => {
  if (flags.replay !== undefined) return 'This is a recording: nothing can be changed.';
  return flags['read-only'] ? 'steep watch was started with --read-only.' : null;
};
