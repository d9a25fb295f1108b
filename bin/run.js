#!/usr/bin/env node
// Starts steep. Node keeps the compiled code where only this user can write, so that the next start is quick.

import { readFileSync } from 'node:fs';
import module from 'node:module';
import { compileCache } from './compile-cache.js';
import { nodeTooOld } from './node-version.js';

const { name, version, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const tooOld = nodeTooOld(process.versions.node, engines.node);
const [word, ...others] = process.argv.slice(2);
if (tooOld === null && word === '--version' && others.length === 0) {
  // As oclif says it, which takes three times as long to load. Who reads it may have ended.
  process.stdout.on('error', () => undefined);
  process.stdout.write(
    `${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`,
  );
} else if (tooOld === null) {
  const folder = compileCache(process.env);
  if (folder !== null) module.enableCompileCache?.(folder);

  // Where oclif prints stack traces, they name the sources. To read the source maps takes time.
  if (process.env.DEBUG) process.setSourceMapsEnabled(true);

  const { main } = await import('../dist/cli/main.js');
  await main(process.argv.slice(2), { root: import.meta.dirname, userPlugins: false });
} else {
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = 1;
}
