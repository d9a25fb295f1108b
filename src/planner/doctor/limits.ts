// Whether each limit of a node permits this topology: used, needed, allowed, and how to raise it.

import type { LimitLine, SettingChange } from '../../model/report/doctor.ts';
import type { NodeFacts, SettingFact } from '../../model/report/doctor-facts.ts';
import { type DoctorCheck, type DoctorContext, type Observation, observation } from './context.ts';
import { type Demand, demandsOf } from './demand.ts';

/** pg_settings.context: only `postmaster` is fixed at the start of the server. */
const changeOf = ({ context }: SettingFact): SettingChange =>
  context === 'postmaster' ? 'restart' : 'reload';

/** Statements that change a setting, and what makes them count. */
export const setSetting = (setting: SettingFact, value: string): readonly string[] => [
  `ALTER SYSTEM SET ${setting.name} = ${value};`,
  changeOf(setting) === 'restart'
    ? '-- then restart the server: the setting is read at its start only'
    : 'SELECT pg_catalog.pg_reload_conf();',
];

/** Every setting that the doctor looks at, as a table. */
export const limitLines = (node: NodeFacts, context: DoctorContext): readonly LimitLine[] => {
  const demands = demandsOf(node, context);
  return node.settings.map((setting) => {
    const demand = demands[setting.name];
    return {
      setting: setting.name,
      value: setting.value,
      used: demand?.used ?? null,
      needed: demand?.needed ?? null,
      allowed: demand === undefined ? null : setting.number,
      change: changeOf(setting),
      pendingRestart: setting.pendingRestart,
    };
  });
};

const tooLow = (setting: SettingFact, { used, needed, comfortable }: Demand): Observation =>
  observation(
    setting.name,
    'error',
    `${setting.name} is ${setting.value}; ${used} used now, ${needed} needed in total by this topology and other processes.`,
    setSetting(setting, String(comfortable)),
  );

const tight = (setting: SettingFact, { used, needed, comfortable }: Demand): Observation =>
  observation(
    setting.name,
    'warning',
    `${setting.name} is ${setting.value}; ${used} used now, ${needed} needed, and ${comfortable} while initial copies run: some of them will wait for others.`,
    setSetting(setting, String(comfortable)),
  );

const judge = (setting: SettingFact, demand: Demand): Observation => {
  const allowed = setting.number ?? 0;
  if (demand.needed > allowed) return tooLow(setting, demand);
  if (demand.comfortable > allowed) return tight(setting, demand);
  return observation(
    setting.name,
    'ok',
    `${setting.name} is ${setting.value}; ${demand.used} used now, ${demand.needed} needed.`,
  );
};

/** One observation for each limit that something is counted against. */
export const limitChecks: DoctorCheck = (node, context) => {
  const demands = demandsOf(node, context);
  return node.settings.flatMap((setting) => {
    const demand = demands[setting.name];
    return demand === undefined ? [] : [judge(setting, demand)];
  });
};
