// A plan as tests, for build servers: a suite for each node, a case for each resource that changes and for each hazard.
// What fails is what blocks; docs/formats.md has the table.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import {
  hazardKey,
  type Plan,
  type PlannedChange,
  type PlannedNode,
} from '../../model/plan/plan.ts';
import type { NodeName } from '../../model/state/address.ts';
import { renderChange } from '../render/plan/render-change.ts';
import { renderCopies } from '../render/plan/render-copies.ts';
import {
  allHazards,
  consentOf,
  isAllowed,
  isSevere,
  sentenceOf,
} from '../render/plan/render-hazard.ts';
import { renderSummary } from '../render/plan/render-summary.ts';
import { renderDiagnostics } from '../render/render-diagnostics.ts';
import { plainStyle } from '../render/style.ts';
import { type JunitCase, type JunitSuite, renderJunit } from './junit.ts';

export interface PlanJunitOptions {
  /** A difference is a failure, as it is an exit code of its own. */
  readonly differenceFails: boolean;
}

/** One document, with at least one case a node: build servers take an empty report for a broken build. */
export const renderPlanJunit = (plan: Plan, options: PlanJunitOptions): string =>
  renderJunit('steep plan', [
    ...plan.nodes.map((node) => nodeSuite(node, plan, options)),
    ...elsewhere(plan),
  ]);

const nodeSuite = (node: PlannedNode, plan: Plan, options: PlanJunitOptions): JunitSuite => {
  const isRead = node.systemIdentifier !== null;
  const errors = plan.errors.filter((error) => nodeOf(error.address) === node.name);
  const changes = plan.changes.filter((change) => change.node === node.name);
  const hazards = allHazards(plan).filter(({ address }) => nodeOf(address) === node.name);
  return {
    name: node.name,
    cases: [
      isRead ? { name: readable } : unreadCase(errors),
      ...(isRead ? errors.map(errorCase) : []),
      ...hazards.map((hazard) => hazardCase(hazard, plan)),
      ...changes.map((change) => changeCase(change, plan, options)),
    ],
  };
};

const readable = 'the node can be read';

const nodeOf = (address: string | undefined): NodeName | null => address?.split('/')[0] ?? null;

/** Errors that are about no node of the plan. */
const elsewhere = ({ nodes, errors }: Plan): readonly JunitSuite[] => {
  const rest = errors.filter(({ address }) => !nodes.some(({ name }) => name === nodeOf(address)));
  return rest.length === 0 ? [] : [{ name: 'plan', cases: rest.map(errorCase) }];
};

const unreadCase = (errors: readonly Diagnostic[]): JunitCase => ({
  name: readable,
  result: {
    kind: 'error',
    message: errors.map(messageOf).join(' ') || 'The node was not read.',
    text: renderDiagnostics(errors, plainStyle),
  },
});

const errorCase = (error: Diagnostic): JunitCase => ({
  name: [error.code, error.address].filter((part) => part !== undefined).join(' '),
  result: {
    kind: 'error',
    message: messageOf(error),
    text: renderDiagnostics([error], plainStyle),
  },
});

const messageOf = ({ code, summary }: Diagnostic): string => `${code}: ${summary}`;

/** A block, and a danger that was not allowed, fail. What the policy allows is skipped, and says so. */
const hazardCase = (hazard: Hazard, plan: Plan): JunitCase => {
  const name = hazardKey(hazard);
  const said = `${hazard.severity}: ${sentenceOf(hazard, plan)}`;
  if (!isSevere(hazard)) return { name, output: said };
  const consent = consentOf(hazard, plan);
  if (isAllowed(hazard, plan)) {
    return { name, result: { kind: 'skipped', message: consent }, output: said };
  }
  const instead = hazard.remedy === '' || hazard.severity === 'block' ? [] : [hazard.remedy];
  const text = [sentenceOf(hazard, plan), ...instead, consent].join('\n');
  return { name, result: { kind: 'failure', message: said, text } };
};

/** A change is what a plan is for: it passes, unless a difference was to be told apart. */
const changeCase = (
  change: PlannedChange,
  plan: Plan,
  { differenceFails }: PlanJunitOptions,
): JunitCase => {
  const { address: name, action } = change;
  const alone = { ...change, hazards: [] };
  const lines =
    action === 'copy'
      ? renderCopies([alone], plan, plainStyle)
      : renderChange(alone, plan, plainStyle);
  const output = lines.join('\n');
  if (action === 'left') {
    return { name, result: { kind: 'skipped', message: 'no longer in steep.yaml, kept' }, output };
  }
  if (!differenceFails) return { name, output };
  const message = `${action}: the servers differ from steep.yaml`;
  return { name, result: { kind: 'failure', message, text: `${output}\n${renderSummary(plan)}` } };
};
