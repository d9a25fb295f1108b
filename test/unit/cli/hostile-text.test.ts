// Whatever a name or a message holds: no output has a control character, turns its direction, has a line of the name's
// own, or a command to a build server.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approve, type Terminal } from '../../../src/cli/approve.ts';
import { driftReportKinds, driftReportText } from '../../../src/cli/drift-output.ts';
import { createEventStream, openLogFile } from '../../../src/cli/event-log.ts';
import { renderFailure } from '../../../src/cli/failure.ts';
import { renderDot } from '../../../src/cli/graph/dot.ts';
import { drawingOf } from '../../../src/cli/graph/drawing.ts';
import { renderMermaid } from '../../../src/cli/graph/mermaid.ts';
import { renderSvg } from '../../../src/cli/graph/svg.ts';
import { jsonLine, withoutSecretsAndCommands } from '../../../src/cli/output.ts';
import { planReportKinds, planReportText } from '../../../src/cli/plan-output.ts';
import { createPlainProgress } from '../../../src/cli/progress/progress-plain.ts';
import { renderPlan } from '../../../src/cli/render/plan/render-plan.ts';
import { renderRun } from '../../../src/cli/render/plan/render-run.ts';
import { renderDiagnostics } from '../../../src/cli/render/render-diagnostics.ts';
import { renderDrift } from '../../../src/cli/render/render-drift.ts';
import { renderStatus } from '../../../src/cli/render/render-status.ts';
import { renderEmptied, renderSnapshot } from '../../../src/cli/render/snapshot/render-snapshot.ts';
import { renderDeletion } from '../../../src/cli/render/snapshot/render-snapshot-delete.ts';
import { renderSnapshots } from '../../../src/cli/render/snapshot/render-snapshots.ts';
import { plainStyle } from '../../../src/cli/render/style.ts';
import { SteepError } from '../../../src/model/errors.ts';
import { entryOfManifest } from '../../../src/model/snapshot/snapshot-report.ts';
import { renderPlanFile } from '../../../src/planner/plan/plan-file.ts';
import { ddl, ident, literal } from '../../../src/postgres/sql/sql.ts';
import { renderScript } from '../../../src/schema/ddl/script.ts';
import { allEvents } from '../../support/events.ts';
import { richDrift } from '../../support/plans/drifts.ts';
import { richGraph } from '../../support/plans/plan-graphs.ts';
import { documentedPlan, estimatedPlan, richPlan } from '../../support/plans/sample-plans.ts';
import {
  diagnostic,
  hostile,
  poison,
  runReport,
  status,
} from '../../support/worlds/hostile-text.ts';
import { snapshotManifest } from '../../support/worlds/snapshots.ts';

const logged = (format: 'json' | 'text', text: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'steep-log-'));
  const log = openLogFile(join(directory, 'log'), format);
  for (const event of allEvents) log.write(poison(event, text));
  log.close();
  const written = readFileSync(join(directory, 'log'), 'utf8');
  rmSync(directory, { recursive: true });
  return written;
};

const drawing = (text: string) => drawingOf(poison(richGraph, text));

/** Everything that is printed for people, as it leaves the process. */
const forPeople: Readonly<Record<string, (text: string) => string>> = {
  plan: (text) => renderPlan(poison(documentedPlan(), text), plainStyle),
  'rich plan': (text) => renderPlan(poison(richPlan(), text), plainStyle),
  'estimates, SQL': (text) => renderPlan(poison(estimatedPlan(), text), plainStyle, { sql: true }),
  run: (text) => renderRun(poison(runReport, text), plainStyle),
  status: (text) => renderStatus(poison(status, text), plainStyle),
  drift: (text) => renderDrift(poison(richDrift(), text), plainStyle),
  diagnostics: (text) => renderDiagnostics([poison(diagnostic, text)], plainStyle),
  failure: (text) => renderFailure(new SteepError('X', `m${text}`, { suggestions: [`s${text}`] })),
  snapshot: (text) =>
    renderSnapshot(
      { manifest: poison(snapshotManifest({}), text), location: `/l${text}`, version: `1${text}` },
      plainStyle,
    ),
  snapshots: (text) =>
    renderSnapshots(
      {
        location: null,
        snapshots: [
          { ...poison(entryOfManifest(snapshotManifest({}), '/l'), text), error: `e${text}` },
        ],
      },
      plainStyle,
    ),
  deletion: (text) =>
    renderDeletion(
      poison(
        {
          snapshotId: 'id',
          status: 'complete',
          location: '/l',
          lsn: '0/1',
          files: { count: 1, bytes: 1 },
          slot: { name: 's', node: 'n', anchor: { state: 'kept', retainedBytes: 1 } },
          keptSlot: null,
          holder: { pid: 1, application: 'a' },
          foreignFiles: ['f'],
        },
        text,
      ) as unknown as Parameters<typeof renderDeletion>[0],
      plainStyle,
    ),
  emptied: (text) => renderEmptied(`n${text}`, [`t${text}`]),
  progress: (text) => {
    let said = '';
    const clock = { now: () => new Date(0), every: () => () => undefined };
    const progress = createPlainProgress((line) => {
      said += line;
    }, clock);
    for (const event of allEvents) progress.handle(poison(event, text));
    return said;
  },
  'log file': (text) => logged('text', text),
  ...Object.fromEntries(
    planReportKinds
      .filter((kind) => kind !== 'json')
      .map((kind) => [
        `plan report ${kind}`,
        (text: string) =>
          planReportText(kind, {
            plan: withStatements(text),
            document: '',
            graph: poison(richGraph, text),
            differenceFails: true,
          }),
      ]),
  ),
  ...Object.fromEntries(
    driftReportKinds
      .filter((kind) => kind !== 'json')
      .map((kind) => [
        `drift report ${kind}`,
        (text: string) => driftReportText(kind, poison(richDrift(), text)),
      ]),
  ),
  mermaid: (text) => renderMermaid(drawing(text)),
  dot: (text) => renderDot(drawing(text)),
  svg: (text) => renderSvg(drawing(text)),
  'schema export': (text) =>
    renderScript({
      heading: [`table ${text}`],
      needed: [{ since: 15, table: `t${text}`.replaceAll('\0', ''), what: 'w' }],
      statements: statementsWith(text),
    }),
};

const statementsWith = (text: string) => {
  const name = `n${text}`.replaceAll('\0', '').toWellFormed().slice(0, 20);
  return [ddl`COMMENT ON TABLE ${ident(name)} IS ${literal(`c${text}`.replaceAll('\0', ''))}`];
};

/** Statements as an executor makes them: what they say must stay as it is, so the plan is not poisoned there. */
const withStatements = (text: string) => {
  const plan = documentedPlan();
  return {
    ...poison(plan, text),
    steps: plan.steps.map((step) => ({
      ...poison(step, text),
      execution: {
        ...step.execution,
        statements: statementsWith(text).map((statement) => statement.display),
      },
    })),
  };
};

const forPrograms: Readonly<Record<string, (text: string) => string>> = {
  'plan file': (text) => renderPlanFile(poison(richPlan(), text)),
  'drift report json': (text) => driftReportText('json', poison(richDrift(), text)),
  document: (text) => jsonLine({ text }),
  events: (text) => {
    let said = '';
    const write = createEventStream((line) => {
      said += line;
    });
    for (const event of allEvents) write(poison(event, text));
    return said;
  },
  'log file': (text) => logged('json', text),
};

/** As classes of Unicode, so that it shares no list with the code. */
const notPrintable = /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{DI}]/u;

const expectHarmless = (text: string): void => {
  expect(text).toSatisfy((it: string) => it.isWellFormed());
  expect(text).not.toMatch(notPrintable);
  expect(text).not.toMatch(/^\s*::/m);
  expect(text).not.toMatch(/##(?:vso|teamcity)?\[/);
};

const exact = ['plan report sql', 'plan report html', 'schema export', 'mermaid', 'dot', 'svg'];

test.each(Object.entries(forPeople))('%s', (name, render) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = exact.includes(name) ? render(text) : withoutSecretsAndCommands(render(text));
      if (name === 'plan report html') {
        expect(shown).not.toMatch(notPrintable);
        expect(shown).not.toMatch(/^\s*::/m);
        return;
      }
      expectHarmless(shown);
      expect(shown).not.toMatch(/^INJECTED/m);
    }),
    { numRuns: 20 },
  );
});

test.each(Object.entries(forPrograms))('%s as JSON says the same', (_name, render) => {
  fc.assert(
    fc.property(
      hostile.map((text) => text.toWellFormed()),
      (text) => {
        const shown = render(text);
        expectHarmless(shown);
        const lines = shown.startsWith('{\n') ? [shown] : shown.trimEnd().split('\n');
        const strings = lines.flatMap((line) => [...textsOf(JSON.parse(line))]);
        expect(strings.some((it) => it.includes(text))).toBe(true);
      },
    ),
    { numRuns: 20 },
  );
});

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) yield* textsOf(inner);
  }
}

test('a prompt shows an address that prints, and takes it as it is shown', async () => {
  const address = 'a/slot.x\n::warning::y\u202e';
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: false });
  let said = '';
  const answers = ['a/slot.x\\n::warning::y\\u202e', 'yes'];
  output.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.endsWith(': ')) input.write(`${answers.shift() ?? ''}\n`);
  });
  const terminal = { input, output } as unknown as Terminal;
  const hazard = { code: 'SLOT_DROP', severity: 'danger', address, remedy: '' } as const;
  const answer = await approve([hazard], false, terminal, new AbortController().signal);
  expect(answer).toEqual({ approved: true, allowed: [{ code: 'SLOT_DROP', address }] });
  expectHarmless(said);
});
