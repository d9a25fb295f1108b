// steep.yaml and the files that it includes, from disk.

import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, posix, resolve, sep } from 'node:path';
import type { FileReading, Surroundings } from '../topology/include.ts';
import {
  type LoadedTopology,
  loadTopology,
  type TopologyInput,
  type ValidatedTopology,
  validateTopology,
} from '../topology/load.ts';
import type { ResolvedTopology } from '../topology/resolve.ts';
import { readText, reasonOf } from './files.ts';
import type { Host } from './host.ts';

/** The topology, or the findings that forbid it. @throws SteepError when the file cannot be read. */
export const loadFile = (path: string, host: Host): LoadedFile => {
  const { topology, diagnostics } = loadTopology(topologyFile(path, host));
  return {
    topology: topology === null ? null : { ...topology, folder: resolve(dirname(path)) },
    diagnostics,
  };
};

/** A topology, and the folder that its relative locations start at. */
interface LoadedFile extends LoadedTopology {
  readonly topology: (ResolvedTopology & { readonly folder: string }) | null;
}

/** The same, as far as it can be judged offline. @throws SteepError when the file cannot be read. */
export const validateFile = (path: string, host: Host): ValidatedTopology =>
  validateTopology(topologyFile(path, host));

/** What the topology is read from. @throws SteepError when the file cannot be read. */
export const topologyFile = (
  path: string,
  host: Host,
): TopologyInput & { around: Surroundings } => ({
  text: readText(path, 'The topology file', 'Give its path with --config FILE.'),
  fileName: basename(path),
  environment: host.environment,
  around: filesBelow(dirname(path)),
});

/** Names are relative to a folder, with slashes everywhere. */
const filesBelow = (folder: string): Surroundings => ({
  readFile: (name) => readIncludedFile(resolve(folder, name)),
  glob: (pattern) =>
    globSync(pattern, { cwd: folder })
      .map((path) => path.split(sep).join(posix.sep))
      .filter((path) => !isHidden(path) && isFile(resolve(folder, path))),
});

const readIncludedFile = (path: string): FileReading => {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { fault: reasonOf(error) };
  }
};

/** What editors leave beside a file, as a shell's pattern leaves it out too. */
const isHidden = (path: string): boolean => posix.basename(path).startsWith('.');

const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
