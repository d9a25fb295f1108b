// One edge, and what each of those who judge it says: status, drift, doctor, an apply without work, and SQL on both nodes.

import type { Health, Verdict } from '../../../src/model/edge/edge-health.ts';
import type { DoctorFinding } from '../../../src/model/report/doctor.ts';
import { doctor } from '../../../src/workflows/observe/doctor.ts';
import { drift } from '../../../src/workflows/observe/drift.ts';
import { status } from '../../../src/workflows/observe/status.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import { inProcess } from '../in-process.ts';
import type { Edge } from './edge.ts';

export interface Judgements {
  readonly verdict: Verdict;
  /** Codes of drift of what runs. */
  readonly drift: readonly string[];
  readonly doctor: readonly DoctorFinding[];
  /** What an apply with nothing to do says; null: there is something to do, or a node cannot be read. */
  readonly apply: 'well' | 'not-converged' | null;
}

export interface SqlHealth {
  readonly side: 'publisher' | 'subscriber';
  readonly health: Health;
  readonly code: string | null;
}

const environmentOf = ({ publisher, subscriber }: Edge) => ({
  PUBLISHER_URL: publisher.url,
  SUBSCRIBER_URL: subscriber.url,
});

const runtimeOf = (edge: Edge): RuntimeEnvironment => ({
  steepVersion: '0.1.0',
  user: 'test',
  hostname: 'localhost',
  environment: environmentOf(edge),
  now: () => new Date(),
  clock: () => performance.now(),
});

const applied = async (edge: Edge): Promise<Judgements['apply']> => {
  const run = inProcess(edge.project.path('steep.yaml'), environmentOf(edge));
  const plan = await run.plan().catch(() => null);
  const unread = plan === null || plan.nodes.some(({ version }) => version === null);
  if (unread || plan.steps.length > 0 || plan.changes.length > 0) return null;
  const report = await run.apply();
  return report === null || report.outcome === 'converged' ? 'well' : 'not-converged';
};

/** What steep_repl.health() says on both nodes; of one that is down, or has no steep_repl, nothing. */
export const sqlHealth = async ({ publisher, subscriber }: Edge): Promise<readonly SqlHealth[]> => {
  const rows = await Promise.all(
    [publisher, subscriber].map((database) =>
      database
        .query<SqlHealth>('SELECT side, health, code FROM steep_repl.health()')
        .catch(() => []),
    ),
  );
  return rows.flat();
};

/** All of them at once: none of them changes anything. */
export const judge = async (edge: Edge): Promise<Judgements> => {
  const file = edge.project.path('steep.yaml');
  const runtime = runtimeOf(edge);
  const [seen, drifted, examined] = await Promise.all([
    status(file, runtime),
    drift({ file, classes: ['runtime'] }, runtime),
    doctor(file, runtime),
  ]);
  const [found] = seen.report?.edges ?? [];
  if (found === undefined) throw new Error(JSON.stringify(seen.diagnostics));
  return {
    verdict: found.verdict,
    drift: (drifted.report?.findings ?? []).map(({ code }) => code),
    doctor: (examined.report?.nodes ?? [])
      .flatMap(({ findings }) => findings)
      .filter(({ check }) => check === 'edge'),
    apply: await applied(edge),
  };
};
