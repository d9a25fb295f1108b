// What import makes of live servers, without servers: whose edge it is, what is left out and why.

import { describe, expect, test } from 'vitest';
import { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { describeLive } from '../../../../src/workflows/import/describe-live.ts';
import {
  introspection,
  own,
  publication,
  slot,
  subscription,
  type World,
} from '../../../support/plans/introspections.ts';

const describeNow = (world: World, connections: Readonly<Record<string, Conninfo>> = {}) =>
  describeLive(introspection(world, connections), new Map());

const reasonsOf = (...args: Parameters<typeof describeNow>) =>
  Object.fromEntries(describeNow(...args).leftOut.map(({ address, reason }) => [address, reason]));

const whole = { us: [publication('us'), slot('us')], eu: [subscription('eu')] };

describe('the source of a subscription', () => {
  test('is the node that has its slot and publications', () => {
    const { topology, leftOut } = describeNow(whole);
    expect(topology.subscriptions).toMatchObject([
      { name: 's', node: 'eu', source: 'us', options: { streaming: 'on' } },
    ]);
    expect(topology.publications).toMatchObject([
      { name: 'p', tables: [{ identity: { mode: 'full', index: null } }] },
    ]);
    expect(leftOut).toEqual([]);
  });

  test.each([
    ['a slot that another client reads', { us: [publication('us'), slot('us', 's', false)] }],
    ['a slot without the publication', { us: [publication('us', 'other'), slot('us')] }],
    ['no slot at all', { us: [publication('us')] }],
  ])('is not a node with %s', (_, world) => {
    const reasons = reasonsOf({ ...world, eu: [subscription('eu')] });
    expect(reasons['eu/subscription.s']).toBe('Its publisher is not one of the nodes.');
  });

  test('is not the node of another database, where the connection says so', () => {
    const elsewhere = new Conninfo({ host: 'us', dbname: 'other', password: 'canary' });
    expect(reasonsOf(whole, { 'eu/s': elsewhere })['eu/subscription.s']).toBe(
      'Its publisher (us:5432/other) is not one of the nodes.',
    );
  });

  test('is not guessed between two', () => {
    const world = { ...whole, us2: [publication('us2'), slot('us2')] };
    expect(reasonsOf(world)['eu/subscription.s']).toMatch(/several nodes have it: us, us2\.$/);
  });

  test('is known, and its slot is gone', () => {
    const world = { us: [publication('us')], eu: [subscription('eu', 's', { source: 'us' })] };
    expect(reasonsOf(world)['eu/subscription.s']).toMatch(/slot s is not on node us/);
  });
});

describe('left out', () => {
  test('FOR ALL TABLES, and who reads it', () => {
    const all = publication('us', 'p', { allTables: true, tables: [] });
    const { topology, leftOut } = describeNow({ us: [all, slot('us')], eu: whole.eu });
    expect(topology).toMatchObject({ publications: [], subscriptions: [] });
    expect(leftOut).toMatchObject([
      { address: 'eu/subscription.s', reason: 'It reads us/publication.p, which is left out too.' },
      { address: 'us/publication.p', cure: expect.stringContaining('tables: "*"') },
      { address: 'us/slot.s' },
    ]);
  });

  test.each([
    ['no table', { tables: [] }],
    ['no operation', { publish: [] }],
  ])('a publication of %s', (what, spec) => {
    const world = { us: [publication('us', 'p', spec), slot('us')], eu: whole.eu };
    expect(reasonsOf(world)['us/publication.p']).toBe(`It publishes ${what}.`);
  });

  test('a detached subscription, and what no session reads', () => {
    expect(reasonsOf({ ...whole, eu: [subscription('eu', 's', { slot: null })] })).toEqual({
      'eu/subscription.s': 'It is detached from its slot (slot_name = NONE).',
      'us/publication.p': 'No subscription of this file reads it.',
      'us/slot.s': 'No subscription of this file reads it.',
    });
  });

  test('the second of two with one name, on whatever node', () => {
    const world = {
      ...whole,
      us: [publication('us'), slot('us'), slot('us', 's2')],
      asia: [subscription('asia', 's', { slot: 's2' })],
    };
    expect(reasonsOf(world)['asia/subscription.s']).toMatch(
      /eu\/subscription\.s already has this name/,
    );
  });

  test('for its name only: the cure loses nothing that is unread', () => {
    const edge = (node: string) => [publication(node, 'p'), slot(node, `to_${node}`)];
    const reads = (source: string) =>
      subscription('c', source, { source, slot: `to_${source}`, publications: ['p'] });
    const { topology, leftOut } = describeNow({
      a: edge('a'),
      b: edge('b'),
      c: [reads('a'), reads('b')],
    });
    expect(topology.publications).toMatchObject([{ node: 'a', name: 'p' }]);
    const cure = leftOut.find(({ address }) => address === 'b/publication.p')?.cure ?? '';
    expect(cure).toMatch(/CREATE PUBLICATION.*wait until.*SET PUBLICATION.*DROP PUBLICATION/);
    expect(cure).toContain('Not with ALTER PUBLICATION … RENAME');
  });

  test('what was refused', () => {
    const fault = { address: 'eu/subscription.s', reason: 'No.', cure: null };
    const refused = new Map([[fault.address, fault]]);
    const { topology, leftOut } = describeLive(introspection(whole), refused);
    expect(topology.subscriptions).toEqual([]);
    expect(leftOut[0]).toEqual(fault);
  });
});

describe('connections', () => {
  const inner = new Conninfo({
    host: '10.0.0.4',
    dbname: 'app',
    user: 'replicator',
    password: 'canary',
    sslpassword: 'canary-ssl',
    options: `-c a=\${b}`,
  });

  test('the node’s own needs no words', () => {
    const { topology } = describeNow(whole, { 'eu/s': own('us') });
    expect(topology.nodes).toMatchObject([{ replication: null }, { replication: null }]);
  });

  test('another one is spelled out, its secrets by variables', () => {
    const { topology, environment } = describeNow(whole, { 'eu/s': inner });
    expect(JSON.stringify(topology)).not.toContain('canary');
    expect(Object.entries(topology.nodes[0]?.replication ?? {})).toEqual([
      ['host', '10.0.0.4'],
      ['dbname', 'app'],
      ['user', 'replicator'],
      ['password_env', 'US_REPLICATION_PASSWORD'],
      ['options', `\${US_REPLICATION_OPTIONS}`],
      ['sslpassword', `\${US_REPLICATION_SSLPASSWORD}`],
    ]);
    expect(environment).toMatchObject({
      US_REPLICATION_PASSWORD: 'canary',
      US_REPLICATION_SSLPASSWORD: 'canary-ssl',
    });
  });

  test('that of most subscriptions counts', () => {
    const others = ['s2', 's3'];
    const world = {
      us: [publication('us'), slot('us'), ...others.map((name) => slot('us', name))],
      eu: ['s', ...others].map((name) => subscription('eu', name, { slot: name })),
    };
    const connections = { 'eu/s': own('us'), 'eu/s2': inner, 'eu/s3': inner };
    expect(reasonsOf(world, connections)).toEqual({
      'eu/subscription.s': expect.stringContaining('not that of eu/subscription.s2'),
      'us/slot.s': 'No subscription of this file reads it.',
    });
  });
});
