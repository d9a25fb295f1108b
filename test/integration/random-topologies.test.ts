// From nothing to one random topology, and from that to another, on real servers: the plan leads there, nothing is
// left to do, every row is where the files say, and no position is lost that the plan did not name.
// STEEP_TEST_SEED chooses other pairs; -t 'pair 7' plays one again.

import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../src/cli/render/plan/render-plan.ts';
import { plainStyle } from '../../src/cli/render/style.ts';
import type { Plan } from '../../src/model/plan/plan.ts';
import { blocksOf, missingConsent } from '../../src/run/consent.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { copiedFeeds, keysOf } from '../support/plans/random-model.ts';
import {
  anyPair,
  type RandomPair,
  writeRandomTopology,
} from '../support/plans/random-topologies.ts';
import { isByDay, majors } from '../support/servers/majors.ts';
import { createProject } from '../support/worlds/project.ts';
import { RandomWorld } from '../support/worlds/random-world.ts';

const seed = Number(process.env.STEEP_TEST_SEED ?? 20_260_131);
const count = isByDay ? 20 : 200;
const played = [15, 16, 18];

const pairs = fc
  .sample(anyPair(played), { seed, numRuns: count })
  .map((pair, index) => ({ pair, index: index + 1 }));

/** Of a subscription that the first file left disabled. */
const refusals = ['NEEDS_RUNNING', 'PUBLICATION_TOO_NEW', 'SLOT_UNREAD'];

type Which = 'before' | 'after';

interface Stage {
  readonly pair: RandomPair;
  readonly world: RandomWorld;
  readonly texts: Readonly<Record<Which, string>>;
  readonly steep: Readonly<Record<Which, InProcess>>;
}

async function stageOf(pair: RandomPair): Promise<Stage> {
  const world = await RandomWorld.create(pair);
  const project = await createProject({}, {});
  const textOf = (which: Which) => writeRandomTopology(pair[which], world.suffix);
  const texts = { before: textOf('before'), after: textOf('after') };
  const steepOn = async (which: Which): Promise<InProcess> => {
    const file = project.path(`${which}.yaml`);
    await writeFile(file, texts[which]);
    return inProcess(file, world.environment, null, { prune: true, force: true });
  };
  return {
    pair,
    world,
    texts,
    steep: { before: await steepOn('before'), after: await steepOn('after') },
  };
}

/** `c_from_a a.items` of each table that a plan copies; a leaf counts as its root. */
const copiesIn = ({ changes }: Plan): readonly string[] =>
  [
    ...new Set(
      changes
        .filter(({ action }) => action === 'copy')
        .map(({ name }) => name.replace(':', ' ').replace(/(\.events)_\d$/, '$1')),
    ),
  ].toSorted();

/** Applies one of the files and checks what is there. */
async function advance(stage: Stage, which: Which): Promise<void> {
  const { pair, world, steep } = stage;
  const target = pair[which];
  const plan = await steep[which].plan();
  try {
    expect(plan.errors).toEqual([]);
    if (!plan.applyable) return await expectRefused(stage, plan, which);
    const copied = copiedFeeds(which === 'before' ? null : pair.before, target);
    expect(copiesIn(plan), 'tables that are copied').toEqual(keysOf(copied));
    const slots = await world.slots();
    await world.empty(copied);
    const report = await steep[which].apply(missingConsent(plan, { allowed: [], strict: false }));
    if (plan.steps.length > 0)
      expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'converged' });
    expect(await world.wrong(), 'rows after apply').toEqual([]);
    await expectSlots(world, slots, plan);
    await world.write(target);
    expect(await world.wrong(), 'rows after more was written').toEqual([]);
    const again = await steep[which].plan();
    expect(renderPlan(again, plainStyle).split('\n').at(-1)).toMatch(/^No changes\./);
  } catch (error) {
    const told = [stage.texts.before, '---', stage.texts.after, renderPlan(plan, plainStyle)];
    throw new Error(
      `${which}: ${told.join('\n')}\nPostgreSQL ${JSON.stringify(pair.majors)}, seed ${seed}`,
      { cause: error },
    );
  }
}

/** What PostgreSQL cannot do in one change is refused, with nothing done. */
async function expectRefused({ steep, world }: Stage, plan: Plan, which: Which): Promise<void> {
  const blocks = [...new Set(blocksOf(plan).map(({ code }) => code))];
  expect(refusals, blocks.join()).toEqual(expect.arrayContaining([...blocks]));
  const slots = await world.slots();
  await expect(steep[which].apply()).rejects.toThrow('cannot be applied');
  expect(await world.wrong(), 'rows after a refusal').toEqual([]);
  expect([...(await world.slots()).keys()]).toEqual([...slots.keys()]);
}

/** A slot is where it was, or farther; one that is gone was named as a danger. */
async function expectSlots(
  world: RandomWorld,
  before: ReadonlyMap<string, bigint>,
  plan: Plan,
): Promise<void> {
  const after = await world.slots();
  const dropped = plan.steps.flatMap((step) => (step.kind === 'drop-slot' ? [step] : []));
  for (const { slot, hazards } of dropped) {
    const codes = hazards.map(({ code }) => code);
    expect(codes, slot).toContainEqual(expect.stringMatching(/^(SLOT_DROP|SUBSCRIPTION_REPLACE)$/));
  }
  for (const [name, lsn] of before) {
    if (dropped.some(({ slot }) => slot === name)) continue;
    expect(after.get(name) ?? -1n, name).toBeGreaterThanOrEqual(lsn);
  }
}

describe.skipIf(!played.every((major) => majors.includes(major)))(`seed ${seed}`, () => {
  test.concurrent.each(pairs)('pair $index', async ({ pair }) => {
    const stage = await stageOf(pair);
    try {
      await advance(stage, 'before');
      await advance(stage, 'after');
    } finally {
      // A server has workers for a few subscriptions only.
      await stage.world.drop();
    }
  });
});
