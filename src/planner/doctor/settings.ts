// Settings that nothing is counted against: what each means for a node that publishes or subscribes.

import type { SettingFact } from '../../model/report/doctor-facts.ts';
import { type DoctorCheck, type Observation, observation, subscriptionsFrom } from './context.ts';
import { setSetting } from './limits.ts';

type Judge = (setting: SettingFact, publishes: boolean) => Observation;

const ok = ({ name }: SettingFact, message: string): Observation =>
  observation(name, 'ok', message);

const walLevel: Judge = (setting, publishes) => {
  if (setting.value === 'logical') return ok(setting, 'wal_level is logical.');
  if (!publishes) return ok(setting, `wal_level is ${setting.value}; nothing is published here.`);
  return observation(
    setting.name,
    'error',
    `wal_level is ${setting.value}; a node that publishes needs logical.`,
    setSetting(setting, "'logical'"),
  );
};

const keepSize: Judge = (setting) => {
  if ((setting.number ?? -1) < 0) {
    return ok(
      setting,
      'max_slot_wal_keep_size is -1: no slot is invalidated because of its size, and a slot that nobody reads can fill the disk.',
    );
  }
  return ok(
    setting,
    `max_slot_wal_keep_size is ${setting.value}: a slot that falls further behind is lost, and its subscription needs a new initial copy.`,
  );
};

const idleTimeout: Judge = (setting, publishes) => {
  if (setting.number === 0)
    return ok(setting, 'idle_replication_slot_timeout is 0: idle slots stay.');
  return observation(
    setting.name,
    publishes ? 'warning' : 'ok',
    `idle_replication_slot_timeout is ${setting.value}: the slot of a subscription that is disabled for longer is invalidated, and needs a new initial copy.`,
    publishes ? setSetting(setting, '0') : [],
  );
};

const senderTimeout: Judge = (setting, publishes) => {
  if (setting.number !== 0) return ok(setting, `wal_sender_timeout is ${setting.value}.`);
  return observation(
    setting.name,
    publishes ? 'warning' : 'ok',
    'wal_sender_timeout is 0: after a lost connection the slot stays in use, and its subscriber cannot reconnect.',
    publishes ? setSetting(setting, "'60s'") : [],
  );
};

const commitTimestamp: Judge = (setting) =>
  ok(
    setting,
    setting.value === 'on'
      ? 'track_commit_timestamp is on: rows written since then can be compared by time.'
      : 'track_commit_timestamp is off: conflicts between rows cannot be decided by time. It must be on before the rows are written.',
  );

const judges: Readonly<Record<string, Judge>> = {
  wal_level: walLevel,
  max_slot_wal_keep_size: keepSize,
  idle_replication_slot_timeout: idleTimeout,
  wal_sender_timeout: senderTimeout,
  track_commit_timestamp: commitTimestamp,
};

const pending = (setting: SettingFact): Observation =>
  observation(
    'pending_restart',
    'warning',
    `${setting.name} was changed in the configuration, and is ${setting.value} until the server is restarted.`,
  );

export const settingChecks: DoctorCheck = (node, context) => {
  const publishes =
    subscriptionsFrom(node, context).length > 0 ||
    context.desired.publications.some((publication) => publication.node === node.state.node);
  return node.settings.flatMap((setting) => {
    const judge = judges[setting.name];
    return [
      ...(judge === undefined ? [] : [judge(setting, publishes)]),
      ...(setting.pendingRestart ? [pending(setting)] : []),
    ];
  });
};
