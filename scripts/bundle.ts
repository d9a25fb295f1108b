// Bundles steep and what it depends on into dist/: one file for each command, and chunks that several of them share. A
// command loads a few large files instead of a thousand small ones, which is most of the time that it takes to start.

import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';

/** What is loaded by its path: commands, help and hooks by oclif, the exporter as a process, the tuning by test/chaos. */
const entries = [
  ...globSync('src/commands/**/*.ts'),
  ...globSync('src/cli/hooks/*.ts'),
  'src/cli/main.ts',
  'src/cli/help.ts',
  'src/copy/copy-request.ts',
  'src/snapshot/hold/exporter-main.ts',
];

/** Native, or loaded by few commands and large: they stay packages of their own. */
const external = [
  /^node:/,
  /^@aws-sdk\//,
  /^@supabase\/pg-delta/,
  /^libpg-query/,
  /^lz4-napi/,
  /^pg-native/,
  /^prettier\//,
  // Of ink, for its developers.
  /^react-devtools-core/,
];

const nameOf = (path: string): string => path.replace(/^src\//, '').replace(/\.ts$/, '');

/** `import.meta.url` as the file of a module has it, wherever the module ends up: by it, modules find sql/ and each other. */
const ownUrls: Plugin = {
  name: 'own-urls',
  transform: (code, id) => {
    const path = relative('src', id);
    if (path.startsWith('..') || !code.includes('import.meta.url')) return null;
    return changed(code.replaceAll('import.meta.url', `OWN_URL('${nameOf(path)}.js')`));
  },
  renderChunk: (code, { fileName }) => {
    if (!code.includes('OWN_URL(')) return null;
    const urlOf = (path: string): string =>
      `new URL(${JSON.stringify(relative(dirname(fileName), path))}, import.meta.url).href`;
    return changed(code.replaceAll(/OWN_URL\(["'](.+?)["']\)/g, (_, path: string) => urlOf(path)));
  },
};

/**
 * What oclif does at each start and steep has no use for: to sort commands by the rules of a language, for which Node loads
 * those of all languages, and to look for our plugins by patterns, which are plain names.
 */
const shortcuts: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  '@oclif/core/lib/config/plugin.js': [['a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)']],
  '@oclif/core/lib/config/plugin-loader.js': [
    ['const minimatch_1 = require("minimatch");', ''],
    ['(0, minimatch_1.minimatch)(p, w)', 'p === w'],
  ],
};

const quickStart: Plugin = {
  name: 'quick-start',
  transform: (code, id) => {
    const file = Object.keys(shortcuts).find((path) => id.endsWith(`/node_modules/${path}`));
    if (file === undefined) return null;
    const short = (text: string, [from, to]: readonly [string, string]): string => {
      if (!text.includes(from)) throw new Error(`${file} has no ${from} any more: see shortcuts`);
      return text.replace(from, to);
    };
    return changed((shortcuts[file] ?? []).reduce(short, code));
  },
};

/** No line has moved: the source map stays. */
const changed = (code: string) => ({ code, map: null });

/** The license of each package that is part of the bundle, which its copies must carry. */
const noticesOf = (chunks: readonly OutputChunk[]): string => {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const packages = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  return [...packages].toSorted().map(noticeOf).join('\n');
};

const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: folder });
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text}`;
};

rmSync('dist', { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((path) => [nameOf(path), path])),
  platform: 'node',
  external,
  plugins: [ownUrls, quickStart],
  transform: {
    define: {
      // Of packages in CommonJS.
      __filename: 'import.meta.filename',
      __dirname: 'import.meta.dirname',
      // React has a slow variant for developers.
      'process.env.NODE_ENV': '"production"',
    },
  },
});
const { output } = await bundle.write({
  dir: 'dist',
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
});
await bundle.close();
writeFileSync('dist/NOTICES.txt', noticesOf(output.filter((file) => file.type === 'chunk')));
