// Which of the missing rights are to be granted: one statement may bring several of them.

import { expect, test } from 'vitest';
import { toGrant } from '../../../../src/planner/rights/missing.ts';
import type { RequiredRight } from '../../../../src/planner/rights/required-right.ts';

const right = (rest: Partial<RequiredRight>): RequiredRight => ({
  node: 'a',
  kind: 'fill',
  object: 'public.orders',
  purpose: '',
  needed: true,
  held: false,
  superuser: false,
  sql: ['GRANT shop TO steep;'],
  instead: [],
  ...rest,
});

const granted = (...rights: readonly RequiredRight[]) => toGrant(rights).map(({ kind }) => kind);

test('a statement is given once, and who owns a table may read and lock it', () => {
  const select = right({ kind: 'read', sql: ['GRANT SELECT ON public.orders TO steep;'] });
  expect(granted(select, right({ kind: 'receive' }), right({}))).toEqual(['receive']);
  expect(granted(select, right({ object: 'public.other' }))).toEqual(['fill', 'read']);
});

test('forced row security hides rows from the owner too', () => {
  const sql = ['ALTER ROLE steep BYPASSRLS;'];
  expect(granted(right({}), right({ kind: 'rows-of-others', sql }))).toEqual(['fill']);
  expect(granted(right({}), right({ kind: 'all-rows', sql }))).toEqual(['fill', 'all-rows']);
});

test('where a superuser is needed, nothing else is; the role itself is made first', () => {
  const superuser = right({ kind: 'superuser-subscribes', superuser: true });
  const role = right({ kind: 'role', sql: ['CREATE ROLE steep LOGIN;'] });
  expect(granted(right({}), superuser, role)).toEqual(['role', 'superuser-subscribes']);
});
