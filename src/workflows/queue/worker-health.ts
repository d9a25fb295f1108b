// steep worker --health: whether a worker of this machine serves every node that it should. For health checks of systemd,
// Docker and Kubernetes, which run it beside the worker.

import { readWorkers, type WorkerLook } from '../../metadata/queue/workers.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { NodeName } from '../../model/state/address.ts';
import { assertInFile } from '../assert-in-file.ts';
import { loadFile } from '../load.ts';
import { openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { workerApplication } from './worker.ts';

export interface WorkerHealth {
  readonly healthy: boolean;
  readonly nodes: readonly {
    readonly node: NodeName;
    readonly workers: readonly WorkerLook[];
    /** Why it is not served; null: it is. */
    readonly reason: string | null;
  }[];
}

export interface HealthResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: WorkerHealth | null;
}

/** A worker asks its server at least every 30 seconds. */
const quietSeconds = 90;

/** A node that cannot be reached does not make a worker unhealthy: to start it again would not help. */
export const workerHealth = async (
  { file, nodes }: { readonly file: string; readonly nodes: readonly NodeName[] },
  runtime: RuntimeEnvironment,
): Promise<HealthResult> => {
  const { topology, diagnostics } = loadFile(file, runtime);
  if (topology === null) return { diagnostics, report: null };
  const { desired, connections } = topology;
  for (const name of nodes) assertInFile(name, desired.nodes);
  const served = desired.nodes.filter(({ name }) => nodes.length === 0 || nodes.includes(name));
  const options = { applicationName: 'steep worker --health', readOnly: true };
  const opened = await openNodes(served, connections, options, runtime);
  try {
    const own = workerApplication(runtime.hostname, 0).slice(0, -1);
    const looks = await Promise.all(
      served.map(async ({ name }) => {
        const session = opened.metadata.get(name);
        if (session === undefined) {
          return { node: name, workers: [], reason: null };
        }
        const workers = (await readWorkers(session)).filter(({ application }) =>
          application.startsWith(own),
        );
        return { node: name, workers, reason: reasonOf(workers) };
      }),
    );
    return {
      diagnostics: [...diagnostics, ...Object.values(opened.unreadable)],
      report: { healthy: looks.every(({ reason }) => reason === null), nodes: looks },
    };
  } finally {
    await opened.close();
  }
};

const reasonOf = (workers: readonly WorkerLook[]): string | null => {
  if (workers.length === 0) return 'No worker of this machine serves the queue of this node.';
  const alive = workers.some(({ quietSeconds: quiet }) => quiet === null || quiet < quietSeconds);
  return alive ? null : `The worker has not asked the server for ${quietSeconds} seconds.`;
};
