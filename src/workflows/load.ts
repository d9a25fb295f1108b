// steep.yaml and the files that it includes, from disk.

import { existsSync, globSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import {
  type LoadedTopology,
  loadTopology,
  type TopologyInput,
  type ValidatedTopology,
  validateTopology,
} from '../topology/load.ts';
import type { FileReading, IncludeSources } from '../topology/parse/include.ts';
import type { ResolvedTopology } from '../topology/resolve/resolve.ts';
import { isPassedByShell, readOrdinary, readText, reasonOf } from './files.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/** The topology, or the findings that forbid it. @throws SteepError when the file cannot be read. */
export const loadFile = (
  path: string,
  runtime: RuntimeEnvironment,
  options: LoadOptions = {},
): LoadedFile => {
  const input = {
    ...topologyFile(path, runtime),
    withoutPasswords: options.skipConnections === true,
  };
  const { topology, diagnostics } = loadTopology(input);
  return {
    topology:
      topology === null ? null : { ...topology, ...options, folder: resolve(dirname(path)) },
    diagnostics,
  };
};

/** A topology, and the folder that its relative locations start at. */
interface LoadedFile extends LoadedTopology {
  readonly topology: (ResolvedTopology & LoadOptions & { readonly folder: string }) | null;
}

export interface LoadOptions {
  /** Connections of subscriptions are not compared: the passwords of replication_connection need not be set. */
  readonly skipConnections?: boolean;
}

/** The same, as far as it can be judged offline. @throws SteepError when the file cannot be read. */
export const validateFile = (path: string, runtime: RuntimeEnvironment): ValidatedTopology =>
  validateTopology(topologyFile(path, runtime));

/** What the topology is read from. @throws SteepError when the file cannot be read. */
export const topologyFile = (
  path: string,
  runtime: RuntimeEnvironment,
): TopologyInput & { around: IncludeSources } => {
  const outside = runtime.includeOutside === true;
  if (!outside) assertInFolder(path);
  return {
    text: readText(path, 'The topology file', 'Give its path with --config FILE.'),
    fileName: basename(path),
    environment: runtime.environment,
    today: runtime.now().toISOString().slice(0, 10),
    ...(runtime.allowedVariables === undefined
      ? {}
      : { allowedVariables: runtime.allowedVariables }),
    around: filesBelow(dirname(path), outside),
  };
};

/** Errors show lines of the file: the author of a branch could have them show those of any file of the machine. */
const assertInFolder = (path: string): void => {
  if (isPassedByShell(path) || !leadsOut(dirname(path), path)) return;
  throw new SteepError(
    'FILE_UNREADABLE',
    `The topology file ${path} is not read: it is a link that leads out of its folder.`,
    {
      exit: ExitCode.invalidFile,
      suggestions: ['Give the path of the file itself, or --include-outside.'],
    },
  );
};

/** Names are relative to a folder, with slashes everywhere. */
const filesBelow = (folder: string, outside: boolean): IncludeSources => ({
  readFile: (name) => readIncludedFile(folder, resolve(folder, name), outside),
  glob: (pattern) =>
    globSync(pattern, { cwd: folder })
      .map((path) => path.split(sep).join(posix.sep))
      .filter((path) => !isHidden(path) && isFile(resolve(folder, path))),
  isOutside: (path) => !outside && leadsOut(folder, resolve(folder, path)),
});

const leadsOut = (folder: string, path: string): boolean => {
  const way = relative(realPath(resolve(folder)), realPath(path));
  return way.split(sep)[0] === '..' || isAbsolute(way);
};

/** Links count as what they lead to, and what is not there yet as a part of the folder that is. */
const realPath = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), basename(path));

const largest = 4 * 1024 * 1024;

/** Of a path without links: one inside of the folder could lead out of it. */
const readIncludedFile = (folder: string, path: string, outside: boolean): FileReading => {
  try {
    const real = realpathSync(path);
    if (!outside && leadsOut(folder, real)) return { outside: true };
    return { text: readOrdinary(real, largest) };
  } catch (error) {
    return { fault: reasonOf(error) };
  }
};

/** What editors leave beside a file, as a shell's pattern leaves it out too. */
const isHidden = (path: string): boolean => posix.basename(path).startsWith('.');

const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
