// A run whose connections are cut in the middle of its steps: it opens them again, and ends as if nothing had happened.

import { expect } from 'vitest';
import type { RunEvent } from '../../../src/model/event.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { MajorPair } from '../../support/servers/majors.ts';
import type { Passing } from '../../support/statement-proxy/link.ts';
import { type StatementProxy, startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { endOf, type Performed, prepare } from './perform.ts';
import { nightly, type Scenario } from './scenario.ts';
import { onStage, runSql, type Stage } from './stage.ts';
import { applyNow, dangersOf, planOf } from './steep.ts';

/**
 * Plays the scenario once, and cuts one connection in every step: before its first statement arrives, or when the server
 * has committed and steep does not know; at night both, one after the other. It must end as it did undisturbed.
 */
export const performCut = (
  scenario: Scenario,
  pair: MajorPair,
  performed: Promise<Performed | null>,
): Promise<void> =>
  onStage(scenario, pair, async (direct) => {
    const cuts = cutEachStep();
    const proxies = await proxiesOf(direct, cuts.onPassing);
    try {
      const stage = through(direct, proxies);
      await prepare(stage);
      const planFile = stage.path('plan.json');
      const plan = await planOf(stage, { out: planFile });
      await runSql(stage, 'planned');
      const allowed = dangersOf(plan);
      const report = await applyNow(stage, { planFile, allowed, onEvent: cuts.onEvent });
      const told = `${cuts.made().join('\n')}\n${JSON.stringify(report, null, 2)}`;
      expect(report?.outcome, told).toBe('converged');
      expect(cuts.made().length, 'cuts').toBeGreaterThan(0);
      expect(await endOf(stage), told).toEqual((await performed)?.end);
    } finally {
      for (const proxy of proxies.values()) await proxy.close();
    }
  });

/** What says nothing of a step: how a transaction begins, and what the session of the run lock sends. */
const preliminary =
  /^(BEGIN|ROLLBACK|LOCK TABLE steep_repl\.run_lock|SELECT (1 AS held|pg_catalog\.set_config))/;

type Moment = (passing: Passing) => boolean;

const beforeIt: Moment = ({ side, text }) => side === 'before' && !preliminary.test(text);
const onceCommitted: Moment = ({ side, text }) => side === 'after' && text === 'COMMIT';

const cutEachStep = () => {
  const armed = new Map<NodeName, { readonly step: string; readonly at: Moment }>();
  const starts = new Map<string, number>();
  const made: string[] = [];
  const arm = (node: NodeName, step: string): void => {
    const start = (starts.get(step) ?? -1) + 1;
    starts.set(step, start);
    // By day every second step at the other moment.
    const moment = nightly ? start : start * 2 + (starts.size % 2);
    if (moment < 2) armed.set(node, { step, at: moment === 0 ? beforeIt : onceCommitted });
  };
  return {
    made: () => made,
    onEvent: (event: RunEvent): void => {
      if (event.event === 'run.step_started') arm(event.node, event.step);
      if (event.event === 'run.step_done') armed.delete(event.node);
    },
    onPassing: async (passing: Passing): Promise<void> => {
      const { link, side, text } = passing;
      const next = armed.get(link.node);
      if (!link.application.startsWith('steep ') || next?.at(passing) !== true) return;
      armed.delete(link.node);
      made.push(`${next.step}: ${side} ${text}`);
      link.cut();
    },
  };
};

const proxiesOf = async (
  { databases }: Stage,
  onPassing: (passing: Passing) => Promise<void>,
): Promise<ReadonlyMap<NodeName, StatementProxy>> => {
  const proxies = new Map<NodeName, StatementProxy>();
  for (const [node, { conninfo }] of databases) {
    const port = Number(conninfo.get('port'));
    proxies.set(node, await startProxy({ node, port, onPassing }));
  }
  return proxies;
};

/** The same stage, as steep sees it behind the proxies. */
const through = (stage: Stage, proxies: ReadonlyMap<NodeName, StatementProxy>): Stage => {
  const moved = [...stage.databases].flatMap(([node, { conninfo }]) => {
    const port = `${proxies.get(node)?.port}`;
    const own = conninfo.get('port') ?? '';
    const name = node.toUpperCase();
    return [`${name}_URL`, `${name}_URL_BEFORE`, `${name}_PORT`].map((key) => {
      const given = stage.runtime.environment[key] ?? '';
      return [key, given === own ? port : given.replace(`:${own}/`, `:${port}/`)] as const;
    });
  });
  const environment = { ...stage.runtime.environment, ...Object.fromEntries(moved) };
  return {
    ...stage,
    runtime: { ...stage.runtime, environment },
    watched: (onStatement) => ({ ...stage.watched(onStatement), environment }),
  };
};
