// Runs the jobs of a GitHub workflow without GitHub: its steps in order, its contexts given, its artifacts in a
// folder. An expression that the test did not give a value for is an error.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { createShell, type Shell, type ShellResult } from './pipeline-shell.ts';

export interface Note {
  readonly id: number;
  readonly number: number;
  readonly state: string;
  readonly user: { readonly login: string };
  readonly body: string;
}

export interface GitHubState {
  readonly comments: readonly Note[];
  readonly issues: readonly Note[];
  readonly pulls: readonly object[];
  /** The newest commit of the branch. */
  readonly tip: string;
}

export interface WorkflowStep {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: object;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly if?: string;
        readonly environment?: string;
        readonly 'timeout-minutes'?: number;
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: readonly WorkflowStep[];
      }
    >
  >;
}

export const readWorkflow = async (name: string): Promise<Workflow> =>
  parse(await readFile(`examples/ci/github/${name}.yml`, 'utf8')) as Workflow;

export interface JobRun {
  /** GITHUB_… variables of this run. */
  readonly env: Readonly<Record<string, string>>;
  /** Values of `${{ … }}`, but for those of steps. */
  readonly values: Readonly<Record<string, string>>;
}

export interface FakeGitHub {
  readonly shell: Shell;
  state(): Promise<GitHubState>;
  change(part: Partial<GitHubState>): Promise<void>;
  /** Every call of gh, a line each. */
  calls(): Promise<string>;
  /** What the last job wrote to the summary of its run. */
  summary(): Promise<string>;
  /** A file that a run kept. */
  artifact(run: string, name: string, file: string): Promise<string>;
  /** Runs a job to its end or to its first step that fails. */
  job(workflow: string, job: string, run: JobRun): Promise<ShellResult>;
}

const gh = fileURLToPath(new URL('./fake-gh.ts', import.meta.url));
const files = ['GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const;

export async function createGitHub(): Promise<FakeGitHub> {
  const shell = await createShell();
  const folder = shell.path('github');
  await mkdir(folder);
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const empty: GitHubState = { comments: [], issues: [], pulls: [], tip: '' };
  await write('state.json', JSON.stringify(empty));
  await write('calls.log', '');
  await shell.install('gh', `#!/bin/sh\nexec "${process.execPath}" "${gh}" "$@"\n`);
  const state = async (): Promise<GitHubState> =>
    JSON.parse(await read('state.json')) as GitHubState;
  return {
    shell,
    state,
    change: async (part) => write('state.json', JSON.stringify({ ...(await state()), ...part })),
    calls: () => read('calls.log'),
    summary: () => read('GITHUB_STEP_SUMMARY'),
    artifact: (run, name, file) => read(join('artifacts', run, name, file)),
    job: async (name, job, run) => {
      const steps = (await readWorkflow(name)).jobs[job]?.steps ?? [];
      await Promise.all(files.map((file) => write(file, '')));
      await mkdir(shell.path('temp', run.env.GITHUB_RUN_ID ?? ''), { recursive: true });
      return runSteps(steps, { shell, folder, run, read });
    },
  };
}

interface StepWorld {
  readonly shell: Shell;
  readonly folder: string;
  readonly run: JobRun;
  readonly read: (name: string) => Promise<string>;
}

async function runSteps(steps: readonly WorkflowStep[], world: StepWorld): Promise<ShellResult> {
  const logs: string[] = [];
  const outputs: Record<string, string> = {};
  for (const step of steps) {
    const { code, log } = await runStep(step, outputs, world);
    logs.push(`## ${step.name ?? step.uses}\n${log}`);
    if (code !== 0) return { code, log: logs.join('\n') };
    const written = await world.read('GITHUB_OUTPUT');
    await writeFile(join(world.folder, 'GITHUB_OUTPUT'), '');
    for (const [, key, value = ''] of written.matchAll(/^(\w+)=(.*)$/gm)) {
      outputs[`steps.${step.id}.outputs.${key}`] = value;
    }
  }
  return { code: 0, log: logs.join('\n') };
}

async function runStep(
  step: WorkflowStep,
  outputs: Readonly<Record<string, string>>,
  { shell, folder, run, read }: StepWorld,
): Promise<ShellResult> {
  if (step.run === undefined) return useAction(step, run, shell, folder);
  const value = (expression: string): string => {
    const found = { ...run.values, ...outputs }[expression];
    if (found !== undefined) return found;
    // An output that a step did not set is empty.
    if (expression.startsWith('steps.')) return '';
    throw new Error(`\${{ ${expression} }} has no value`);
  };
  const env = Object.entries(step.env ?? {}).map(([name, text]) => [
    name,
    text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => value(expression)),
  ]);
  return shell.run(step.run, {
    ...run.env,
    ...Object.fromEntries(env),
    ...Object.fromEntries(files.map((file) => [file, join(folder, file)])),
    RUNNER_TEMP: shell.path('temp', run.env.GITHUB_RUN_ID ?? ''),
    FAKE_GITHUB: folder,
    PATH: (await read('GITHUB_PATH')).trim().split('\n').toReversed().join(':'),
  });
}

/** Of actions only the one that keeps files has an effect here. */
async function useAction(
  { uses = '', with: inputs = {} }: WorkflowStep,
  run: JobRun,
  shell: Shell,
  folder: string,
): Promise<ShellResult> {
  if (uses.startsWith('actions/upload-artifact@')) {
    const to = join(folder, 'artifacts', run.env.GITHUB_RUN_ID ?? '', String(inputs.name));
    for (const path of String(inputs.path).trim().split('\n')) {
      const from = join(shell.workspace, path.trim());
      await cp(from, join(to, path.trim()), { recursive: true }).catch(() => undefined);
    }
  }
  return { code: 0, log: '' };
}
