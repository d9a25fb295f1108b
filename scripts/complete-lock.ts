// Completes package-lock.json with the optional packages of other platforms, and every entry with its hash. A registry
// that has only the packages of one platform leaves them out, and `npm ci` refuses such a lock file everywhere.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

interface Lock {
  readonly packages: Record<string, LockEntry>;
}

const file = new URL('../package-lock.json', import.meta.url);
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Which machines a package is for, by the words of its name: `binding-linux-x64-musl`. */
const platformOf = (name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | null => {
  const words = name.replace('windows', 'win32').split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length === 0 || cpu.length === 0) return null;
  return words.includes('musl') ? { os, cpu, libc: ['musl'] } : { os, cpu };
};

/** Where npm would look for a package that `parent` needs: next to it, and further up. */
const foldersFrom = (parent: string): readonly string[] => {
  const parts = parent.split('/node_modules/');
  return [
    ...parts.map((_, index) => `${parts.slice(0, parts.length - index).join('/node_modules/')}/`),
    '',
  ];
};

const completeEntry = (packages: Record<string, LockEntry>, parent: string): void => {
  const { optionalDependencies = {}, dev } = packages[parent] ?? {};
  if (parent === '') return;
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const version = range.replace(/^[\^~]/, '');
    const platform = platformOf(name);
    const found = foldersFrom(parent).find(
      (folder) => packages[`${folder}node_modules/${name}`]?.version === version,
    );
    if (found !== undefined || platform === null) continue;
    const atRoot = packages[`node_modules/${name}`] === undefined;
    const path = atRoot ? `node_modules/${name}` : `${parent}/node_modules/${name}`;
    packages[path] = { version, ...(dev === true ? { dev } : {}), optional: true, ...platform };
  }
};

const run = promisify(execFile);

/** What the registry says the file of a package hashes to; null: it does not have that version. */
const integrityOf = async (path: string, version: string): Promise<string | null> => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const asked = ['view', `${name}@${version}`, 'dist.integrity', '--json'];
  const answer = await run('npm', asked).catch(() => null);
  const integrity: unknown = JSON.parse(answer?.stdout || 'null');
  return typeof integrity === 'string' ? integrity : null;
};

const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
for (const parent of Object.keys(lock.packages)) completeEntry(lock.packages, parent);
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.version === undefined || entry.integrity !== undefined) continue;
  const integrity = await integrityOf(path, entry.version);
  if (integrity === null) console.error(`${path}: this registry does not have ${entry.version}.`);
  else lock.packages[path] = { ...entry, integrity };
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
const completed = { ...lock, packages: Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(completed, null, 2)}\n`);
