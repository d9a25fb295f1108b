// Import: look at the servers, describe them, and try the description out before it is written. What a plan
// of the file would change is taken out of it again, so that applying the file adopts and does nothing else.

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import { blockAt } from '../../topology/block-at.ts';
import { loadTopology } from '../../topology/load.ts';
import { renderTopology } from '../../topology/render.ts';
import type { WrittenTopology } from '../../topology/written-topology.ts';
import { objectionsTo, obstaclesTo } from '../apply/adoption.ts';
import { writeText } from '../files.ts';
import { type NodeRequest, namedNodes } from '../named-nodes.ts';
import type { OpenNodes } from '../nodes.ts';
import { type Introspection, introspectNodes } from '../plan/introspect-nodes.ts';
import { type LeftOut, leftOutWarning } from '../plan/left-out.ts';
import { planNow } from '../plan/plan.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type Description, describeLive } from './describe-live.ts';

export interface ImportRequest {
  readonly nodes: readonly NodeRequest[];
  /** Path of the file to write. */
  readonly out: string;
  /** Overwrite an existing file. */
  readonly force: boolean;
}

export interface Imported {
  readonly file: string;
  readonly nodes: readonly string[];
  readonly publications: readonly Address[];
  readonly subscriptions: readonly Address[];
  /** Environment variables that the file names. */
  readonly variables: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

export interface ImportResult {
  /** Errors: a node could not be read, and nothing was written. */
  readonly diagnostics: readonly Diagnostic[];
  readonly imported: Imported | null;
}

/** @throws SteepError when the file is there, cannot be written, or a node is named in a wrong way. */
export const importTopology = async (
  request: ImportRequest,
  runtime: RuntimeEnvironment,
): Promise<ImportResult> => {
  const named = namedNodes(request.nodes, runtime.environment);
  assertFree(request);
  const result = await introspectNodes(named, runtime);
  if (result.introspection === null) return { diagnostics: result.diagnostics, imported: null };
  try {
    const { description, text, obstacles } = await finalize(
      result.introspection,
      result.sessions,
      basename(request.out),
      runtime,
    );
    await writeText(request.out, text);
    return {
      diagnostics: [...description.leftOut.map(leftOutWarning), ...obstacles],
      imported: summaryOf(request.out, description),
    };
  } finally {
    await result.sessions.close();
  }
};

const assertFree = ({ out, force }: ImportRequest): void => {
  if (force || !existsSync(out)) return;
  throw new SteepError('FILE_EXISTS', `${out} already exists; import does not overwrite it.`, {
    suggestions: ['Write to another file with --out FILE.', 'Or replace it with --force.'],
  });
};

interface Finalized {
  readonly description: Description;
  readonly text: string;
  readonly obstacles: readonly Diagnostic[];
}

/** Describes until a plan of the description adopts and does nothing else. Each round leaves out more. */
const finalize = async (
  introspection: Introspection,
  sessions: OpenNodes,
  fileName: string,
  runtime: RuntimeEnvironment,
): Promise<Finalized> => {
  const refused = new Map<Address, LeftOut>();
  for (;;) {
    const description = describeLive(introspection, refused);
    const text = renderTopology(description.topology);
    const { objections, obstacles } = await tryOut(
      { description, text, fileName },
      sessions,
      runtime,
    );
    if (objections.length === 0) return { description, text, obstacles };
    for (const objection of objections) {
      if (!refused.has(objection.address)) refused.set(objection.address, objection);
    }
  }
};

interface Attempt {
  readonly description: Description;
  readonly text: string;
  readonly fileName: string;
}

interface Verdict {
  readonly objections: readonly LeftOut[];
  readonly obstacles: readonly Diagnostic[];
}

/** Loads and plans the text as `steep plan` will, with the variables as they will be set. */
const tryOut = async (
  attempt: Attempt,
  sessions: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Verdict> => {
  const { description, text, fileName } = attempt;
  const { topology, environment } = description;
  const loaded = loadTopology({ text, fileName, environment });
  if (loaded.topology === null) {
    return { objections: blamed(loaded.diagnostics, text, topology), obstacles: [] };
  }
  const plan = await planNow(loaded.topology, sessions, { prune: false }, runtime, runtime.clock());
  return { objections: objectionsTo(plan, topology), obstacles: obstaclesTo(plan) };
};

/** The blocks that a file is not valid with. @throws Error where it is none of them: a fault of steep. */
const blamed = (
  diagnostics: readonly Diagnostic[],
  text: string,
  topology: WrittenTopology,
): readonly LeftOut[] => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const objections = errors.flatMap(({ detail, source }): readonly LeftOut[] => {
    const block = blockAt(text, source?.line ?? 0);
    const found = topology[block?.section ?? 'publications'].find((it) => it.name === block?.name);
    if (block === null || found === undefined) return [];
    const kind = block.section === 'publications' ? 'publication' : 'subscription';
    return [{ address: addressOf(found.node, kind, found.name), reason: detail, cure: null }];
  });
  if (objections.length > 0) return objections;
  throw new Error(`The imported file is not valid: ${errors[0]?.code ?? 'no error'}.`);
};

const summaryOf = (file: string, { topology, leftOut, environment }: Description): Imported => ({
  file,
  nodes: topology.nodes.map(({ name }) => name),
  publications: topology.publications.map((it) => addressOf(it.node, 'publication', it.name)),
  subscriptions: topology.subscriptions.map((it) => addressOf(it.node, 'subscription', it.name)),
  variables: Object.keys(environment),
  leftOut,
});
