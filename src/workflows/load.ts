// steep.yaml from disk.

import { basename } from 'node:path';
import { type LoadedTopology, loadTopology } from '../topology/load.ts';
import { readText } from './files.ts';
import type { Host } from './host.ts';

/** The topology, or the findings that forbid it. @throws SteepError when the file cannot be read. */
export const loadFile = (path: string, host: Host): LoadedTopology =>
  loadTopology({
    text: readText(path, 'The topology file', 'Give its path with --config FILE.'),
    fileName: basename(path),
    environment: host.environment,
  });
