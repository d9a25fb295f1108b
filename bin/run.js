#!/usr/bin/env node
// Starts steep. Node keeps the compiled code, so that the next start is quick.

import module from 'node:module';

module.enableCompileCache?.();

const { main } = await import('../dist/cli/main.js');
await main(process.argv.slice(2), { root: import.meta.dirname });
