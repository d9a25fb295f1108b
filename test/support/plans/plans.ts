// Hand-made plans for tests of what is printed. Values only: no planner and no server made them.

import type { Hazard, Severity } from '../../../src/model/plan/hazard.ts';
import {
  hazardKey,
  type Plan,
  type PlannedChange,
  type PlannedNode,
  type PlannedStep,
  usualLimits,
} from '../../../src/model/plan/plan.ts';

export const hazard = (code: string, severity: Severity, address: string, remedy = ''): Hazard => ({
  code,
  severity,
  address,
  remedy,
});

/** A change at `node/kind.name`; the rest is up to the test. */
export const change = (
  address: string,
  action: PlannedChange['action'],
  rest: Partial<PlannedChange> = {},
): PlannedChange => {
  const [, node = '', kind = '', name = ''] = /^([^/]*)\/([^.]*)\.(.*)$/s.exec(address) ?? [];
  return {
    address,
    node,
    kind: kind as PlannedChange['kind'],
    name,
    action,
    summary: '',
    details: [],
    hazards: [],
    ...rest,
  };
};

/** A step that drops a subscription, unless the test says otherwise; `execution` is what is shown. */
export const step = (
  address: string,
  statements: readonly string[],
  execution: Partial<PlannedStep['execution']> = {},
  kind: 'drop-subscription' | 'wait-for-copy' = 'drop-subscription',
): PlannedStep => {
  const [node = ''] = address.split('/');
  return {
    id: `${kind} ${address}`,
    kind,
    node,
    address,
    subscription: address,
    why: `the file asks for ${address}`,
    needs: [],
    hazards: [],
    owns: null,
    forgets: [],
    execution: {
      statements,
      transactional: true,
      reversible: true,
      lock: null,
      lockTimeoutMs: 2000,
      statementTimeoutMs: null,
      ...execution,
    },
  };
};

export const node = (
  name: string,
  version: string | null,
  systemIdentifier: string | null,
): PlannedNode => ({
  name,
  version,
  systemIdentifier,
  timeline: version === null ? null : 1,
  database: version === null ? null : 'app',
  connection: `env:${name.toUpperCase()}_URL`,
  topologyFingerprint: null,
});

export const nodes: readonly PlannedNode[] = [
  node('primary', '16.9', '7710123456789012245'),
  node('reporting', '17.5', '7710123456789012258'),
];

const planId = `sha256:${'8c1f'.repeat(16)}`;

/** A plan with its counts filled in from its changes and hazards. */
export const plan = (parts: Partial<Plan> = {}): Plan => {
  const { changes = [], standing = [] } = parts;
  const hazards = [...standing, ...changes.flatMap((it) => it.hazards)];
  const action = (name: string): number => changes.filter((it) => it.action === name).length;
  const severity = (name: string): number => hazards.filter((it) => it.severity === name).length;
  return {
    formatVersion: '1.0',
    steepVersion: '0.1.0',
    planId,
    applyable: true,
    options: { prune: false },
    limits: usualLimits,
    nodes,
    changes,
    steps: [],
    standing,
    errors: [],
    summary: {
      create: action('create'),
      change: action('change') + action('adopt'),
      replace: action('replace'),
      drop: action('drop'),
      copyTables: action('copy'),
      block: severity('block'),
      danger: severity('danger'),
      warning: severity('warning'),
      notice: severity('notice'),
    },
    allowHazards: [],
    maxLag: 16 * 1024 ** 2,
    ...parts,
    observed: { ...observed, ...parts.observed },
  };
};

const observed: Plan['observed'] = {
  readAt: '2026-01-31T12:00:00.000Z',
  elapsedMs: 1300,
  checked: { nodes: 4, subscriptions: 6, tables: 212 },
  endpoints: { primary: '10.0.0.4:5432/app', reporting: '10.0.1.9:5432/app' },
  hazards: {},
  copies: {},
  estimate: { tables: 0, rows: 0, bytes: 0, seconds: null, edges: {} },
  slots: {},
};

/** `observed` with these parts, the rest as usual. */
export const observing = (parts: Partial<Plan['observed']>): Plan['observed'] => ({
  ...observed,
  ...parts,
});

/** The sentence of each hazard, keyed as a plan keys it. */
export const sentences = (
  ...said: readonly (readonly [Hazard, string])[]
): Plan['observed']['hazards'] =>
  Object.fromEntries(said.map(([found, sentence]) => [hazardKey(found), sentence]));
