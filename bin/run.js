#!/usr/bin/env node
// Starts steep. Node keeps the compiled code where only this user can write, so that the next start is quick.

import module from 'node:module';
import { compileCache } from './compile-cache.js';

const folder = compileCache(process.env);
if (folder !== null) module.enableCompileCache?.(folder);

// Where oclif prints stack traces, they name the sources. To read the source maps takes time.
if (process.env.DEBUG) process.setSourceMapsEnabled(true);

const { main } = await import('../dist/cli/main.js');
await main(process.argv.slice(2), { root: import.meta.dirname, userPlugins: false });
