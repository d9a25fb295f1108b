// No code is loaded from folders that other programs, or other users, may have written: steep has no user plugins.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { runCommandsAlone } from '../support/hosted-cli.ts';

// Plug-ins are looked for when a process starts.
runCommandsAlone();

test('a plug-in in the data folder is not run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'steep-plugin-'));
  try {
    const [data, plugin] = [join(folder, 'data', 'steep'), join(folder, 'plugin')];
    mkdirSync(data, { recursive: true });
    mkdirSync(plugin);
    const plugins = [{ type: 'link', name: 'planted', root: plugin }];
    writeFileSync(join(data, 'package.json'), JSON.stringify({ oclif: { schema: 1, plugins } }));
    const hooks = { init: './hook.js' };
    const manifest = { name: 'planted', version: '1.0.0', type: 'module', oclif: { hooks } };
    writeFileSync(join(plugin, 'package.json'), JSON.stringify(manifest));
    const ran = join(folder, 'ran');
    writeFileSync(
      join(plugin, 'hook.js'),
      `import { writeFileSync } from 'node:fs';
       export default async () => writeFileSync(${JSON.stringify(ran)}, '');`,
    );
    await runCli(['validate'], { cwd: folder, env: { XDG_DATA_HOME: join(folder, 'data') } });
    expect(existsSync(ran)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
