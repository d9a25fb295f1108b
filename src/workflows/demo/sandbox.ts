// Throwaway local servers to try everything on: up, down and status. Results carry no secrets.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { SandboxReport } from '../../model/report/sandbox-report.ts';
import { sandboxMajors } from '../../sandbox/binaries.ts';
import {
  defaultSandboxDirectory,
  type Sandbox,
  sandboxDown,
  sandboxStatus,
  sandboxUp,
} from '../../sandbox/registry.ts';

export interface SandboxOptions {
  /** Undefined: ~/.steep/sandbox. */
  readonly directory: string | undefined;
  /** Undefined: as many as there are majors, at least two. */
  readonly nodes: number | undefined;
  /** `18`, or `14,18`: the majors of the nodes in turn. Undefined: the newest. */
  readonly pg: string | undefined;
}

/** Starts a sandbox, or what of it does not run. */
export async function bringUp(options: SandboxOptions, now: Date): Promise<SandboxReport> {
  const directory = options.directory ?? defaultSandboxDirectory();
  return report(directory, await sandboxUp({ directory, majors: majorsOf(options), now }));
}

/** Stops a sandbox and removes it. The report says what there was. */
export async function takeDown(directory = defaultSandboxDirectory()): Promise<SandboxReport> {
  return report(directory, await sandboxDown(directory));
}

export async function readStatus(directory = defaultSandboxDirectory()): Promise<SandboxReport> {
  return report(directory, await sandboxStatus(directory));
}

/** The major of each node; null: nothing was requested. @throws SteepError USAGE. */
export function majorsOf({
  nodes,
  pg,
}: Pick<SandboxOptions, 'nodes' | 'pg'>): readonly number[] | null {
  if (nodes === undefined && pg === undefined) return null;
  const majors = pg === undefined ? [Math.max(...sandboxMajors)] : pg.split(',').map(parseMajor);
  const count = nodes ?? Math.max(2, majors.length);
  if (count < majors.length) {
    throw usage(
      `${count} nodes are too few for ${majors.length} major versions: change --nodes or --pg.`,
    );
  }
  return Array.from({ length: count }, (_, index) => majors[index % majors.length]).filter(
    (major) => major !== undefined,
  );
}

function parseMajor(text: string): number {
  const major = Number(text);
  if (sandboxMajors.includes(major)) return major;
  throw usage(
    `There are no binaries of PostgreSQL ${text}: --pg takes ${sandboxMajors.join(', ')}.`,
  );
}

const usage = (message: string): SteepError =>
  new SteepError('USAGE', message, {
    suggestions: ['--nodes 2 --pg 14,18'],
    exit: ExitCode.usage,
  });

function report(directory: string, sandbox: Sandbox | null): SandboxReport {
  return {
    directory: sandbox?.directory ?? directory,
    state: sandbox?.state ?? 'none',
    created: sandbox?.created ?? null,
    env_file: sandbox?.envFile ?? null,
    nodes: (sandbox?.nodes ?? []).map(({ conninfo, ...node }) => ({
      ...node,
      endpoint: conninfo?.endpoint ?? null,
    })),
  };
}
