// Settings of the two servers of an edge with which it would wait indefinitely, fail, or lose its slot.

import { quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ReplicationSettings } from '../../../model/state/replication-settings.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** What a judge of an edge sees: of the publisher, or of the subscriber. */
type SettingsJudge = (sub: Subscription, settings: ReplicationSettings) => readonly FoundHazard[];

const twoPhase: SettingsJudge = ({ node, name, address, spec }, { maxPreparedTransactions }) =>
  spec.options.two_phase === 'true' && maxPreparedTransactions === 0
    ? [
        hazard(
          'block',
          'PREPARED_DISABLED',
          address,
          `Subscription ${name} has two_phase: true, and node ${node} has max_prepared_transactions = 0: the first prepared transaction stops apply.`,
          `On node ${node}: ALTER SYSTEM SET max_prepared_transactions = 10; and restart the server. Or leave out two_phase.`,
        ),
      ]
    : [];

const idleSlot: SettingsJudge = ({ name, address, spec }, { idleSlotTimeout }) =>
  !spec.enabled && idleSlotTimeout !== null
    ? [
        hazard(
          'danger',
          'SLOT_IDLE_TIMEOUT',
          address,
          `Subscription ${name} is disabled, and node ${spec.source ?? ''} has idle_replication_slot_timeout = ${idleSlotTimeout}: a slot that nobody reads for so long is invalidated, and the subscription then needs a new initial copy.`,
          `Enable it in time, or on node ${spec.source ?? ''}: ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_catalog.pg_reload_conf();`,
        ),
      ]
    : [];

/** A subscription is known there by its name, unless its connection string names another application. */
const waitsFor = ({ synchronousNames }: ReplicationSettings, name: string): boolean =>
  synchronousNames.some((it) => it === '*' || it.toLowerCase() === name.toLowerCase());

const synchronous: SettingsJudge = ({ name, address, spec }, settings) =>
  waitsFor(settings, name)
    ? [
        hazard(
          spec.enabled ? 'warning' : 'danger',
          'SYNCHRONOUS_SUBSCRIPTION',
          address,
          `synchronous_standby_names of node ${spec.source ?? ''} (${listNames(settings.synchronousNames)}) includes subscription ${name}: commits there may wait for it, as long as it ${spec.enabled ? 'copies, lags or fails' : 'is disabled'}.`,
          `Name only standbys in synchronous_standby_names on node ${spec.source ?? ''}, unless commits are meant to wait for ${name}.`,
        ),
      ]
    : [];

/** Of a live subscription that the plan drops, for good. */
export const droppedSynchronous = (
  { name, address, spec }: Subscription,
  { live }: PlanContext,
): readonly FoundHazard[] => {
  const node = spec.source ?? '';
  const settings = live.nodes[node]?.server.replicationSettings;
  if (settings === undefined || !waitsFor(settings, name)) return [];
  return [
    hazard(
      'danger',
      'SYNCHRONOUS_SUBSCRIPTION',
      address,
      `synchronous_standby_names of node ${node} (${listNames(settings.synchronousNames)}) includes subscription ${name}, which is dropped: unless others that it names are connected, every commit there waits indefinitely from then on.`,
      `Before the plan, on node ${node}: name only what remains in synchronous_standby_names with ALTER SYSTEM SET, and SELECT pg_catalog.pg_reload_conf();`,
    ),
  ];
};

const standbySlots: SettingsJudge = ({ name, address, spec }, { missingStandbySlots }) =>
  spec.options.failover === 'true' && missingStandbySlots.length > 0
    ? [
        hazard(
          'block',
          'STANDBY_SLOT_MISSING',
          address,
          `synchronized_standby_slots of node ${spec.source ?? ''} names ${listNames(missingStandbySlots)}, which does not exist: node ${spec.source ?? ''} sends nothing to ${name}, whose slot has failover, until it does.`,
          `Create the physical slot and start its standby, or take it out of synchronized_standby_slots on node ${spec.source ?? ''}.`,
        ),
      ]
    : [];

const timeouts: SettingsJudge = ({ address, spec, node }, { timeouts: all }) => {
  const limits = all.filter(({ value }) => !/^0+[a-z]*$/.test(value));
  if (limits.length === 0) return [];
  const named = limits.map(({ setting, value }) => `${setting} = ${value}`);
  const role = limits[0]?.role ?? '';
  return [
    hazard(
      'warning',
      'ROLE_TIMEOUT',
      address,
      `Node ${node} connects to node ${spec.source ?? ''} as role ${role}, which has ${listNames(named)}: where PostgreSQL itself copies a table that takes longer, the copy fails and begins again indefinitely.`,
      `On node ${spec.source ?? ''}: ${limits.map(({ setting }) => `ALTER ROLE ${quoteIdentifier(role)} SET ${setting} = 0;`).join(' ')}`,
    ),
  ];
};

const ofPublisher = [idleSlot, synchronous, standbySlots, timeouts];

/** Of a desired subscription that the plan touches. */
export const edgeSettingHazards = (
  sub: Subscription,
  { live }: PlanContext,
): readonly FoundHazard[] => {
  const publisher = live.nodes[sub.spec.source ?? '']?.server.replicationSettings;
  const subscriber = live.nodes[sub.node]?.server.replicationSettings;
  return [
    ...(subscriber === undefined ? [] : twoPhase(sub, subscriber)),
    ...(publisher === undefined ? [] : ofPublisher.flatMap((judge) => judge(sub, publisher))),
  ];
};
