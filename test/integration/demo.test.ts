// The demo as users run it: another process, in a directory with an odd name. Nothing stays behind.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sandboxStatus } from '../../src/sandbox/registry.ts';
import { readSandboxFile } from '../../src/sandbox/sandbox-file.ts';
import { runCli, spawnCli } from '../support/cli.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';

const run = promisify(execFile);
let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'steep-test-'));
  directory = join(root, `it's a "demo" of $HOME`);
});

afterEach(async () => {
  if (existsSync(directory)) await runCli(['sandbox', 'down', '--dir', directory]);
  await rm(root, { recursive: true, force: true });
});

test('plans, applies, proves, and leaves what was asked for', async () => {
  const args = ['demo', '--keep', '--pg', String(newestMajor), '--dir', directory];
  const { code, stdout, stderr } = await runCli(args);
  expect(code, stdout + stderr).toBe(0);
  for (const line of [
    /^== 1\. Start throwaway servers$/m,
    /^Plan: 7 to create, 0 to change, 0 to replace, 0 to drop\. 6 tables \(.+\) to copy\./m,
    /^Applied and converged: 9 of 9 steps done, in /m,
    /^Meanwhile \d+ transactions? changed rows in all tables\.$/m,
    /^ {2}shop\.order_lines +\d+ +\d+ {2}ready {9}equal$/m,
    /^No changes\. The topology matches steep\.yaml\. \(2 nodes, 1 subscription, 6 tables /m,
    /^The demo succeeded: every table is ready and equal on all nodes, in /m,
  ]) {
    expect(stdout).toMatch(line);
  }
  const { password = '', home = '' } = (await readSandboxFile(directory)) ?? {};
  const plan = await readFile(join(directory, 'shop.plan'), 'utf8');
  expect(`${stdout}${stderr}${plan}`).not.toContain(password);

  // What it says to try works, with the variables of the env file.
  const env = await environmentOf(join(directory, 'sandbox.env'));
  const again = await runCli(['plan', '--detailed-exitcode'], { cwd: directory, env });
  expect(again.code, again.stdout).toBe(0);
  expect((await runCli(['demo', '--dir', directory])).code).toBe(3);
  expect((await runCli(['sandbox', 'down', '--dir', directory])).code).toBe(0);
  expect(await processesOf(home)).toEqual([]);
});

test('is stopped by Ctrl-C without a trace', async () => {
  const demo = spawnCli(['demo', '--json', '--dir', directory]);
  const home = await waitFor('the servers', async () => {
    const { state } = (await sandboxStatus(directory)) ?? { state: 'none' };
    return state === 'up' && (await readSandboxFile(directory))?.home;
  });
  demo.kill('SIGINT');
  const { code, stdout } = await demo.result;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toEqual({ agreed: false, exit_code: 130 });
  expect(existsSync(directory)).toBe(false);
  expect(await processesOf(home)).toEqual([]);
});

/** Processes of the servers of a sandbox, by their command lines. */
async function processesOf(home: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-ww', '-A', '-o', 'command=']);
  return stdout.split('\n').filter((line) => line.includes(join(home, 'node')));
}

/** The variables that a shell would have after sourcing the file. */
async function environmentOf(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}
