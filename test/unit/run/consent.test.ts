// Who may allow what: a block cannot be allowed, a danger by address or by policy, the rest needs no consent.

import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan/plan.ts';
import { type Allowed, blocksOf, missingConsent } from '../../../src/run/consent.ts';
import { change, hazard, plan, step } from '../../support/plans/plans.ts';

const address = 'b/subscription.s';
const drop = hazard('SLOT_DROP', 'danger', address);
const gap = hazard('PUBLICATION_GAP', 'danger', 'a/publication.p');
const block = hazard('POOLER', 'block', 'a/node.a');
const warning = hazard('RESYNC_COPY', 'warning', address);
const notice = hazard('NOT_TRANSACTIONAL', 'notice', address);

/** A hazard in each of the places where a plan keeps them. */
const dangerous: Plan = plan({
  standing: [block, gap],
  changes: [change(address, 'drop', { hazards: [warning, drop] })],
  steps: [{ ...step(address, []), hazards: [drop, notice] }],
});

const codes = (given: readonly { readonly code: string }[]) => given.map(({ code }) => code);

describe('consent is missing', () => {
  test.each<[string, readonly Allowed[], readonly string[]]>([
    ['for every danger, each once', [], ['PUBLICATION_GAP', 'SLOT_DROP']],
    ['for the others', [drop], ['PUBLICATION_GAP']],
    ['for none', [drop, gap], []],
    [
      'where it was given for another address',
      [{ code: 'SLOT_DROP', address: 'b/subscription.t' }],
      ['PUBLICATION_GAP', 'SLOT_DROP'],
    ],
    [
      'where it was given for another code',
      [{ code: 'RESYNC_COPY', address }],
      ['PUBLICATION_GAP', 'SLOT_DROP'],
    ],
  ])('%s', (_what, allowed, missing) => {
    expect(codes(missingConsent(dangerous, { allowed, strict: false }))).toEqual(missing);
  });

  test('not where the policy allows the code everywhere', () => {
    const byPolicy = { ...dangerous, allowHazards: ['SLOT_DROP'] };
    expect(codes(missingConsent(byPolicy, { allowed: [], strict: false }))).toEqual([
      'PUBLICATION_GAP',
    ]);
  });
});

test('the policy may allow a hazard for one address', () => {
  const missing = (place: string) => {
    const byPolicy = { ...dangerous, allowHazards: [`SLOT_DROP=${place}`] };
    return codes(missingConsent(byPolicy, { allowed: [], strict: false }));
  };
  expect(missing(address)).toEqual(['PUBLICATION_GAP']);
  expect(missing('b/subscription.t')).toEqual(['PUBLICATION_GAP', 'SLOT_DROP']);
});

describe('where it is strict, a warning needs it too', () => {
  const warned = plan({ changes: dangerous.changes });

  test('by flag', () => {
    const missing = missingConsent(warned, { allowed: [], strict: true });
    expect(codes(missing)).toEqual(['RESYNC_COPY', 'SLOT_DROP']);
  });

  test('by policy', () => {
    const missing = missingConsent({ ...warned, strict: true }, { allowed: [], strict: false });
    expect(codes(missing)).toEqual(['RESYNC_COPY', 'SLOT_DROP']);
  });

  test('for its address, or by policy.allow_hazards', () => {
    const allowed = [{ code: 'RESYNC_COPY', address }];
    expect(codes(missingConsent(warned, { allowed, strict: true }))).toEqual(['SLOT_DROP']);
    const byPolicy = { ...warned, allowHazards: ['RESYNC_COPY', 'SLOT_DROP'] };
    expect(missingConsent(byPolicy, { allowed: [], strict: true })).toEqual([]);
  });
});

test('a block stays one, whatever is allowed', () => {
  const allowed = { ...dangerous, allowHazards: ['POOLER'] };
  expect(blocksOf(allowed)).toEqual([block]);
});
