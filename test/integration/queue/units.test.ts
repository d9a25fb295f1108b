// The units of examples/worker: the commands that they start are run as they are written there, serve the queues, are found
// healthy by their health check, and end as their supervisor expects.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createQueueWorld, type QueueWorld } from './queue-world.ts';

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../examples/worker/${name}`, import.meta.url), 'utf8');

/** What follows steep in the command, and in the health check; null: there is none. */
interface Unit {
  readonly command: readonly string[];
  readonly health: readonly string[] | null;
  /** Variables that it hands to steep. */
  readonly variables: readonly string[];
}

const ofSystemd = async (): Promise<Unit> => {
  const text = await read('steep-worker.service');
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const [program, ...command] = value('ExecStart').split(' ');
  expect(program).toBe('/usr/local/bin/steep');
  expect(value('SuccessExitStatus').split(' ')).toContain('143');
  // Names one directory below /var/lib, which it makes: where the snapshots may be.
  expect(command).toContain(`/var/lib/${value('StateDirectory')}`);
  return { command, health: null, variables: [] };
};

const ofCompose = async (): Promise<Unit> => {
  const { services, volumes } = parse(await read('compose.yaml')) as {
    readonly services: { readonly worker: ComposeService };
    readonly volumes: object;
  };
  const { worker } = services;
  expect(worker.build.dockerfile_inline).toContain('ENTRYPOINT ["steep"]');
  expect(worker.volumes.map((volume) => volume.split(':')[0])).toEqual([
    './steep.yaml',
    ...Object.keys(volumes),
  ]);
  const [kind, program, ...health] = worker.healthcheck.test;
  expect([kind, program]).toEqual(['CMD', 'steep']);
  return { command: worker.command, health, variables: Object.keys(worker.environment) };
};

interface ComposeService {
  readonly build: { readonly dockerfile_inline: string };
  readonly command: readonly string[];
  readonly environment: object;
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}

const ofKubernetes = async (): Promise<Unit> => {
  const { kind, spec } = parse(await read('deployment.yaml')) as KubernetesDeployment;
  const { metadata, spec: pod } = spec.template;
  expect([kind, metadata.labels]).toEqual(['Deployment', spec.selector.matchLabels]);
  const [container] = pod.containers;
  if (container === undefined) throw new Error('no container');
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(
    pod.volumes.map(({ name }) => name),
  );
  const [program, ...health] = container.livenessProbe.exec.command;
  expect(program).toBe('steep');
  return { command: container.args, health, variables: [] };
};

interface KubernetesDeployment {
  readonly kind: string;
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly livenessProbe: { readonly exec: { readonly command: readonly string[] } };
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
      };
    };
  };
}

let world: QueueWorld;
beforeAll(async () => {
  world = await createQueueWorld(newestMajor, 1, afterAll);
});

test.each([
  ['systemd', ofSystemd],
  ['compose', ofCompose],
  ['kubernetes', ofKubernetes],
])('%s', async (_name, unitOf) => {
  const { command, health, variables } = await unitOf();
  const { project } = world;
  for (const name of variables) expect(Object.keys(project.environment)).toContain(name);
  const worker = project.start(...command);
  const check = health ?? ['worker', '--health'];
  await waitFor('the worker to be healthy', async () => {
    const { code } = await project.steep(...check);
    return code === 0;
  });
  worker.kill('SIGTERM');
  expect((await worker.result).code).toBe(143);
  expect((await project.steep(...check)).code).toBe(1);
});
