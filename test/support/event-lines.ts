// The events that a command with --json printed, each as schemas/events.schema.json describes it.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import type { CliEvent, CliResult } from './cli.ts';

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('../../schemas/events.schema.json', import.meta.url), 'utf8')),
);

/** The events of a command with --json; its last line is its result. */
export const eventsOf = ({ stdout }: CliResult): readonly CliEvent[] => {
  const lines = stdout.trimEnd().split('\n').slice(0, -1);
  const events = lines.map((line) => JSON.parse(line) as CliEvent);
  for (const event of events) {
    const faults = validate(event) ? [] : (validate.errors ?? []);
    const of = faults.filter(({ schemaPath }) => schemaPath.includes(String(event.event)));
    expect(faults, `${JSON.stringify(event)} ${ajv.errorsText(of)}`).toEqual([]);
  }
  return events;
};
