// Flags that several commands share, and values that flags take.

import { Flags } from '@oclif/core';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PlanLimits, PlanOptions } from '../../model/plan/plan.ts';
import { parseTime, timeText } from '../../model/quantity.ts';
import { schemaSyncFlag, schemaSyncOf } from './schema-sync-flag.ts';

export { usualLimits } from '../../model/plan/plan.ts';

export const usage = (message: string, suggestion: string): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions: [suggestion] });

/** `30s`, `5min`, `2h` → milliseconds. */
export const timeFlag = Flags.custom<number>({
  helpValue: 'TIME',
  defaultHelp: ({ options }) => {
    const ms: unknown = options.default;
    return Promise.resolve(typeof ms === 'number' && ms > 0 ? timeText(ms) : undefined);
  },
  parse: (input) => {
    const ms = parseTime(input);
    return ms === null
      ? Promise.reject(usage(`"${input}" is not a time.`, 'Write it as 30s, 5min or 2h.'))
      : Promise.resolve(ms);
  },
});

export const waitForLockFlag = timeFlag({
  summary: 'How long to wait for another run to end.',
  default: 0,
});

/** `16/B374D848`: a position in WAL. */
export const lsnFlag = Flags.custom<string>({
  helpValue: 'LSN',
  parse: (input) =>
    /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(input)
      ? Promise.resolve(input.toUpperCase())
      : Promise.reject(
          usage(
            `"${input}" is not a position in WAL.`,
            'Write it as init prepare prints it: 3/5A0F1C8',
          ),
        ),
});

/** `9f86d081…`: 64 hexadecimal digits. */
const sha256Flag = Flags.custom<string>({
  helpValue: 'HEX',
  parse: (input) =>
    /^[0-9a-f]{64}$/i.test(input)
      ? Promise.resolve(input.toLowerCase())
      : Promise.reject(
          usage(
            `"${input}" is not a SHA-256.`,
            'Write the 64 hexadecimal digits that steep snapshot generate and verify print.',
          ),
        ),
});

/** Of the commands that name one snapshot. */
export const expectSha256Flag = sha256Flag({
  summary: 'Refuse the snapshot unless its manifest.json has this SHA-256.',
});

/** Of the commands that only read: with the password, whatever is published could be read. */
export const skipConnectionsFlag = Flags.boolean({
  summary:
    'Do not compare the connections of subscriptions: passwords of replication_connection need not be set.',
});

/** Of the commands that use snapshots. */
export const verifyWithFlag = Flags.string({
  summary: 'Refuse a snapshot that is not signed by the owner of this public key (Ed25519, PEM).',
  helpValue: 'FILE',
});

/** `node/kind.name`, with `*` in the name. */
const addressFlag = Flags.custom<string>({
  helpValue: 'ADDRESS',
  parse: (input) =>
    /^[^/]+\/[a-z]+\..+$/s.test(input)
      ? Promise.resolve(input)
      : Promise.reject(
          usage(
            `"${input}" is not an address.`,
            'Write node/kind.name, as the plan prints it: reporting/subscription.sales, or primary/publication.*',
          ),
        ),
});

/** Of the commands that copy rows. */
export const checkFlag = Flags.boolean({
  summary: 'Read every copied table once more, and check that it has exactly the copied rows.',
  default: true,
  allowNo: true,
});

/** Of the commands that copy rows from a server. */
export const holdTablesFlag = Flags.boolean({
  summary:
    'Lock all tables of a parallel copy on the source in ACCESS SHARE mode until the last row is read; overrides steep.yaml.',
  allowNo: true,
});

/** Flags of plan and apply that choose what is planned. */
export const choiceFlags = {
  prune: Flags.boolean({
    summary: 'Drop objects that steep manages and that are no longer in steep.yaml.',
    default: false,
  }),
  destroy: Flags.boolean({
    summary: 'Drop everything that steep manages on the nodes of steep.yaml, its metadata last.',
    default: false,
    exclusive: ['prune', 'target', 'exclude'],
  }),
  target: addressFlag({
    summary: 'Plan only this object and what it needs; repeatable, `*` in the name.',
    multiple: true,
  }),
  exclude: addressFlag({
    summary: 'Leave out this object and all objects that need it; repeatable, `*` in the name.',
    multiple: true,
  }),
  force: Flags.boolean({
    summary: 'Empty tables that have rows before an initial copy fills them; needs consent.',
    default: false,
  }),
  check: checkFlag,
  'hold-tables': holdTablesFlag,
  reinit: addressFlag({
    summary:
      'Empty and copy again: node/copy.subscription:schema.table, or a whole node/subscription.name; repeatable, `*` in the name; needs consent.',
    multiple: true,
    exclusive: ['destroy'],
  }),
  'schema-sync': schemaSyncFlag,
};

/** A saved plan is what it is. @throws SteepError USAGE (exit 64). */
export const assertNoChoice = (planFile: string | undefined, flags: ChoiceFlags): void => {
  const given = Object.entries({
    '--prune': flags.prune,
    '--destroy': flags.destroy,
    '--target': (flags.target ?? []).length > 0,
    '--exclude': (flags.exclude ?? []).length > 0,
    '--force': flags.force,
    '--no-check': !flags.check,
    '--hold-tables': flags['hold-tables'] === true,
    '--no-hold-tables': flags['hold-tables'] === false,
    '--reinit': (flags.reinit ?? []).length > 0,
    '--schema-sync': flags['schema-sync'] !== undefined,
  }).flatMap(([flag, isGiven]) => (isGiven ? [flag] : []));
  if (planFile === undefined || given.length === 0) return;
  throw usage(
    `${planFile} was planned already: ${given.join(', ')} would choose what is planned.`,
    'Leave it out, or use it with steep plan --out FILE.',
  );
};

interface ChoiceFlags {
  readonly prune: boolean;
  readonly destroy: boolean;
  readonly force: boolean;
  readonly check: boolean;
  readonly 'hold-tables'?: boolean | undefined;
  readonly 'schema-sync'?: string | undefined;
  readonly target?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly reinit?: readonly string[] | undefined;
}

/** What of a plan is asked for. */
export const planOptionsOf = (flags: ChoiceFlags): PlanOptions => {
  const holdTables = flags['hold-tables'];
  return {
    prune: flags.prune,
    ...(flags.destroy && { destroy: true as const }),
    ...(flags.force && { force: true as const }),
    ...(!flags.check && { unchecked: true as const }),
    ...(holdTables === undefined ? {} : { holdTables }),
    ...schemaSyncOf(flags),
    target: flags.target ?? [],
    exclude: flags.exclude ?? [],
    reinit: flags.reinit ?? [],
  };
};

/** Flags of plan and apply that each step of a plan runs with. Without a default: who names one, means it. */
export const limitFlags = {
  'lock-timeout': timeFlag({ summary: 'How long a statement waits for a lock; default: 2s.' }),
  'slot-timeout': timeFlag({
    summary: 'How long the creation of a slot waits for open write transactions; default: 60s.',
  }),
};

/** The limits that the flags name. */
export const givenLimits = (flags: {
  readonly 'lock-timeout'?: number | undefined;
  readonly 'slot-timeout'?: number | undefined;
}): Partial<PlanLimits> => ({
  ...(flags['lock-timeout'] === undefined ? {} : { lockTimeoutMs: flags['lock-timeout'] }),
  ...(flags['slot-timeout'] === undefined ? {} : { slotTimeoutMs: flags['slot-timeout'] }),
});

/** `CODE=ADDRESS`. */
const allowFlag = Flags.custom<{ readonly code: string; readonly address: string }>({
  helpValue: 'CODE=ADDRESS',
  parse: (input) => {
    const at = input.indexOf('=');
    return at < 1
      ? Promise.reject(
          usage(`"${input}" is not CODE=ADDRESS.`, 'Paste the flag that the plan prints.'),
        )
      : Promise.resolve({ code: input.slice(0, at), address: input.slice(at + 1) });
  },
});

/** Flags of plan and apply about what may run. */
export const consentFlags = {
  'allow-hazard': allowFlag({
    summary: 'Allow one hazard of the plan; repeatable.',
    multiple: true,
  }),
  strict: Flags.boolean({
    summary: 'Warnings need consent too, not only dangers.',
    default: false,
  }),
};

/** `markdown=PATH`, of the kinds of report that a command writes. */
export const reportFlagOf = <K extends string>(kinds: readonly K[]) =>
  Flags.custom<{ readonly kind: K; readonly path: string }>({
    helpValue: `${kinds.join('|')}=PATH`,
    parse: (input) => {
      const at = input.indexOf('=');
      const kind = kinds.find((known) => known === input.slice(0, at));
      const path = input.slice(at + 1);
      return at < 1 || kind === undefined || path === ''
        ? Promise.reject(
            usage(
              `"${input}" is not a report.`,
              `Write KIND=PATH, KIND one of ${kinds.join(', ')}.`,
            ),
          )
        : Promise.resolve({ kind, path });
    },
  });
