// Settings that harm the workers of subscriptions, and that the plan did not find: they were set while the run was under way.

import { readWorkerSettings } from '../catalog/objects/read-worker-settings.ts';
import type { RunContext } from '../executors/executor.ts';
import type { NodeName } from '../model/state/address.ts';
import { isTimeLimit, sayWorkerSetting } from '../model/worker-setting.ts';
import { toFailure } from '../postgres/failures.ts';

/** One sentence for each of these nodes that has some; empty: none has. @throws SteepError where a node cannot be asked. */
export const changedWorkerSettings = async (
  nodes: readonly NodeName[],
  context: RunContext,
): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const node of nodes) {
    const found = await readOf(node, context);
    if (found.length === 0) continue;
    said.push(
      `Node ${node}: ${found.map(sayWorkerSetting).join(' ')} It was set after the plan was made: values that were replicated since then may be wrong. steep plan shows the statement that corrects it; then compare the tables.`,
    );
  }
  return said;
};

const readOf = async (node: NodeName, { session }: RunContext) => {
  try {
    return (await readWorkerSettings(session(node))).filter((it) => !isTimeLimit(it));
  } catch (error) {
    throw toFailure(error, { node, doing: 'reading the settings of its workers' });
  }
};
