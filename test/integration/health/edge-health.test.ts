// Broken edges, made on real servers, and all that judge them: status, drift, doctor, an apply with nothing to do, and
// steep_repl.health() on both nodes, which knows its own node alone.

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Health } from '../../../src/model/edge/edge-health.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import type { BrokenEdge, Stage } from '../../support/worlds/broken-edges/stage.ts';
import { stagesOn } from '../../support/worlds/broken-edges/stages.ts';
import { createEdge } from '../../support/worlds/edge.ts';
import { judge, sqlHealth } from '../../support/worlds/judged-edge.ts';

const makeStage = async (stage: Stage, major: number): Promise<BrokenEdge> => {
  const shared = await cluster.server(major);
  const [end, settings = {}] = stage.own ?? [];
  const own = end === undefined ? null : await cluster.privateServer(major, settings);
  const servers = { publisher: shared, subscriber: shared };
  const made = await createEdge(
    end === undefined || own === null ? servers : { ...servers, [end]: own },
  );
  const topology = { policy: { max_lag: '1TB' }, ...(stage.topology?.(made) ?? made.topology) };
  const edge = { ...made, topology, major, own };
  await edge.project.describe(topology);
  await stage.prepare?.(edge);
  if (stage.applied !== false) {
    const { code, stdout, stderr } = await edge.project.steep('apply', '--auto-approve');
    expect(code, stdout + stderr).toBe(0);
  }
  await stage.make(edge);
  return edge;
};

/** How the doctor calls it. */
const statuses: { readonly [H in Health]: string } = {
  broken: 'error',
  unknown: 'unknown',
  lagging: 'warning',
  copying: 'warning',
  disabled: 'warning',
  ok: 'ok',
};

const expectedOn = (major: number, { uncounted, code }: Stage): Stage['code'] =>
  major < 15 && uncounted !== undefined ? uncounted : code;

/** Each node says what it knows, and never that all is well. A worker that fails again and again is seen for moments. */
const expectSameInSql = async (edge: BrokenEdge, { sql = {} }: Stage): Promise<void> => {
  const expected = Object.entries(sql).map(([side, code]) => `${side} ${code}`);
  const unforeseen = new Set(['subscriber WORKER_DOWN'].filter((it) => !expected.includes(it)));
  const said = async () => {
    const rows = await sqlHealth(edge);
    expect(rows.filter((row) => (row.code === null) !== (row.health === 'unknown'))).toEqual([]);
    return rows
      .filter(({ code }) => code !== null)
      .map(({ side, code }) => `${side} ${code}`)
      .filter((row) => !unforeseen.has(row));
  };
  let last: readonly string[] = [];
  const agreed = async () => {
    last = await said();
    return isDeepStrictEqual(last, expected);
  };
  await waitFor('the nodes to agree', agreed, { everyMs: 200 }).catch(() => undefined);
  expect(last).toEqual(expected);
};

/** All four looks agree. */
const expectSame = async (edge: BrokenEdge, stage: Stage, major: number): Promise<void> => {
  const code = expectedOn(major, stage);
  const { verdict, drift, doctor, apply } = await judge(edge);
  expect({ health: verdict.health, code: verdict.code }).toEqual({ health: stage.health, code });
  const silent = stage.noDrift === true || code === null || stage.health === 'unknown';
  if (silent) expect(drift).toEqual([]);
  else expect(drift).toContain(code);
  expect(drift).not.toContain('ORPHAN_SLOT');
  // The first of its faults is the verdict; the doctor lists the others too.
  expect(doctor.slice(0, 1).map(({ status }) => status)).toEqual(
    stage.noDoctor === true ? [] : [statuses[stage.health]],
  );
  if (apply !== null) expect(apply).toBe(stage.health === 'broken' ? 'not-converged' : 'well');
};

/** On a busy machine a worker that fails may start too late for the looks of one command. */
const tries = 3;

// At night the oldest too, which counts no errors.
describe.each(firstByDay([...new Set([newestMajor, Math.min(...majors)])]))(
  'PostgreSQL %i',
  (major) => {
    test.concurrent.each(stagesOn(major))('$what', async (stage) => {
      const edge = await makeStage(stage, major);
      for (let tried = 1; ; tried += 1) {
        try {
          await expectSame(edge, stage, major);
          break;
        } catch (error) {
          if (tried === tries) throw error;
        }
      }
      await expectSameInSql(edge, stage);
    });
  },
);
