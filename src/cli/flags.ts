// Flags that several commands share, and values that flags take.

import { Flags } from '@oclif/core';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { parseTime } from '../model/quantity.ts';

const usage = (message: string, suggestion: string): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions: [suggestion] });

/** `30s`, `5min`, `2h` → milliseconds. */
export const timeFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: (input) => {
    const ms = parseTime(input);
    return ms === null
      ? Promise.reject(usage(`"${input}" is not a time.`, 'Write it as 30s, 5min or 2h.'))
      : Promise.resolve(ms);
  },
});

/** `CODE=ADDRESS`. */
export const allowFlag = Flags.custom<{ readonly code: string; readonly address: string }>({
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

const reportKinds = ['markdown', 'sql', 'json'] as const;

export interface ReportWish {
  readonly kind: (typeof reportKinds)[number];
  readonly path: string;
}

/** `markdown=PATH`. */
export const reportFlag = Flags.custom<ReportWish>({
  helpValue: `${reportKinds.join('|')}=PATH`,
  parse: (input) => {
    const at = input.indexOf('=');
    const kind = reportKinds.find((known) => known === input.slice(0, at));
    const path = input.slice(at + 1);
    return at < 1 || kind === undefined || path === ''
      ? Promise.reject(
          usage(
            `"${input}" is not a report.`,
            `Write KIND=PATH, KIND one of ${reportKinds.join(', ')}.`,
          ),
        )
      : Promise.resolve({ kind, path });
  },
});
