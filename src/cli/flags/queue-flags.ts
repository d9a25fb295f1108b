// The flags of the worker, of steep ops, and of the commands that can be queued.

import { Args, Flags } from '@oclif/core';
import { usage } from './flags.ts';
import { placeFlags } from './primitive-flags.ts';

export { workStatuses } from '../../model/queue/operation.ts';

/** Of the commands that a worker can run instead. */
export const queueFlag = Flags.boolean({
  summary: 'Do not run it: add it to the queue of the node, for a steep worker.',
  default: false,
});

/** How a flag came to its value. */
interface Given {
  readonly flags: Readonly<Record<string, { readonly setFromDefault?: boolean } | undefined>>;
}

const always = [
  'queue',
  'config',
  'json',
  'node',
  'auto-approve',
  'no-color',
  'allow-env',
  'include-outside',
  'log-file',
  'log-format',
];

/** A flag that the operation could not carry would be lost silently. @throws SteepError USAGE (exit 64). */
export const assertQueueable = (
  flags: object,
  { flags: given }: Given,
  carried: readonly string[],
): void => {
  const lost = Object.keys(flags).filter(
    (name) => given[name]?.setFromDefault !== true && ![...always, ...carried].includes(name),
  );
  if (lost.length === 0) return;
  throw usage(
    `An operation in the queue cannot have ${lost.map((name) => `--${name}`).join(', ')}.`,
    'Leave it out, or run the command without --queue.',
  );
};

/** Where an operation is queued: on a node of steep.yaml. */
export const queueOf = (config: string, node: string) => ({
  file: config,
  node,
  connection: null,
  as: null,
  peer: null,
  peerConnection: null,
});

/** `CODE=ADDRESS`, as the operation has it. */
export const allowedTexts = (
  allowed: readonly { readonly code: string; readonly address: string }[] | undefined,
): readonly string[] => (allowed ?? []).map(({ code, address }) => `${code}=${address}`);

export const operationArg = {
  id: Args.string({ description: 'The number of the operation.', required: true }),
};

export const opsFlags = placeFlags;

/** @throws SteepError USAGE (exit 64). */
export const operationId = (text: string): number => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usage(`"${text}" is not the number of an operation.`, 'steep ops list prints them.');
};

export const workerFlags = {
  node: Flags.string({
    char: 'n',
    summary: 'Serve the queue of this node of steep.yaml; repeatable. Default: those of all nodes.',
    helpValue: 'NAME',
    multiple: true,
  }),
  concurrency: Flags.integer({
    summary: 'Operations that run at a time.',
    helpValue: 'N',
    min: 1,
    max: 64,
    default: 2,
  }),
  snapshots: Flags.string({
    summary:
      'Snapshots may be written to and read from locations below this one: a directory, or s3://BUCKET/PREFIX; repeatable.',
    description: 'Without it, operations with snapshots are refused.',
    helpValue: 'LOCATION',
    multiple: true,
  }),
  once: Flags.boolean({
    summary: 'End when the queues are empty.',
    default: false,
  }),
  drain: Flags.boolean({
    summary:
      'On SIGTERM or SIGINT, finish what is running; otherwise it stops, and the next worker resumes it.',
    default: false,
  }),
  join: Flags.boolean({
    summary:
      'Take no operations: help with initial copies into the nodes that other processes run.',
    description:
      'Loads of tables are copied here as there, at the same snapshot, each exactly once. --concurrency is the number of loads at a time.',
    default: false,
  }),
  health: Flags.boolean({
    summary: 'Serve nothing: exit with 0 if a worker of this machine serves the queues.',
    default: false,
    exclusive: ['once', 'drain', 'join'],
  }),
};

const day = 24 * 3_600_000;

/** `30d` → milliseconds. */
export const ageFlag = Flags.custom<number>({
  helpValue: 'DAYS',
  parse: (input) => {
    const days = /^(\d{1,5})d$/.exec(input)?.[1];
    return days === undefined
      ? Promise.reject(usage(`"${input}" is not a number of days.`, 'Write it as 30d.'))
      : Promise.resolve(Number(days) * day);
  },
});
