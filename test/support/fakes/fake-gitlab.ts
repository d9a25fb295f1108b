// Replaces GitLab: the few requests that the example jobs make, over HTTP, and the scripts of a job run in one shell as
// its runner does. What it does not know it refuses.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import { parse } from 'yaml';
import { createShell, type Shell, type ShellResult } from './pipeline-shell.ts';

export interface GitLabNote {
  readonly id: number;
  readonly author: { readonly id: number };
  readonly body: string;
}

export interface GitLabJob {
  readonly script?: readonly string[];
  readonly rules?: readonly { readonly if: string }[];
  readonly artifacts?: object;
  readonly environment?: { readonly name: string };
  readonly variables?: Readonly<Record<string, string>>;
}

/** What the server holds; tests may change it. */
export interface GitLabState {
  notes: readonly GitLabNote[];
  mergeRequests: readonly object[];
  /** The files that jobs kept, by the number of the job. */
  readonly artifacts: Map<string, string>;
  readonly calls: string[];
}

export interface FakeGitLab {
  readonly shell: Shell;
  readonly state: GitLabState;
  /** Runs a job with these variables. */
  job(name: string, variables: Readonly<Record<string, string>>): Promise<ShellResult>;
}

export const token = 'glpat-not-a-real-one';
export const readJobs = async (): Promise<Readonly<Record<string, GitLabJob>>> =>
  parse(await readFile('examples/ci/gitlab/.gitlab-ci.yml', 'utf8')) as Record<string, GitLabJob>;

const bot = { id: 7 };
const running: { close(): void }[] = [];

afterAll(() => {
  for (const server of running) server.close();
});

export async function createGitLab(): Promise<FakeGitLab> {
  const shell = await createShell();
  const state: GitLabState = { notes: [], mergeRequests: [], artifacts: new Map(), calls: [] };
  const server = createServer((request, response) => {
    void answer(request, state).then((found) => {
      response.statusCode = found === undefined ? 404 : 200;
      response.end(typeof found === 'string' ? found : JSON.stringify(found ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(server);
  const fixed = {
    CI_API_V4_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`,
    CI_PROJECT_ID: '42',
    CI_PROJECT_DIR: shell.workspace,
    GITLAB_TOKEN: token,
  };
  return {
    shell,
    state,
    job: async (name, variables) => {
      const jobs = (await readJobs()) as Record<
        string,
        GitLabJob & { before_script?: readonly string[] }
      >;
      const shared = jobs['.steep'];
      const script = [...(shared?.before_script ?? []), ...(jobs[name]?.script ?? [])].join('\n');
      const given: Readonly<Record<string, string>> = { ...fixed, ...variables };
      const own = Object.entries(jobs[name]?.variables ?? {}).map(([key, text]) => [
        key,
        text.replaceAll(/\$(\w+)/g, (_, variable: string) => given[variable] ?? ''),
      ]);
      return shell.run(script, {
        ...shared?.variables,
        ...given,
        ...Object.fromEntries(own),
      });
    },
  };
}

/** The answer to a request; undefined: there is nothing, or it is not a request that is expected. */
async function answer(request: IncomingMessage, state: GitLabState): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://gitlab');
  const call = `${request.method} ${pathname.replace('/api/v4', '')}`;
  const body = await text(request);
  state.calls.push(`${call} ${body}`);
  if (request.headers['private-token'] !== token) return undefined;
  const sent = body === '' ? {} : (JSON.parse(body) as object);
  const [, id] = /\/(\d+)(?:\/artifacts\/steep-plan\.json)?$/.exec(pathname) ?? [];
  switch (call.replaceAll(/\/\d+|\/[0-9a-f]{40}/g, '/N')) {
    case 'GET /user':
      return bot;
    case 'GET /projects/N/merge_requests/N/notes': {
      const size = Number(searchParams.get('per_page'));
      const from = (Number(searchParams.get('page')) - 1) * size;
      return state.notes.slice(from, from + size);
    }
    case 'POST /projects/N/merge_requests/N/notes':
      state.notes = [
        ...state.notes,
        { id: state.notes.length + 1, author: bot, body: '', ...sent },
      ];
      return {};
    case 'PUT /projects/N/merge_requests/N/notes/N':
      state.notes = state.notes.map((note) =>
        String(note.id) === id ? { ...note, ...sent } : note,
      );
      return {};
    case 'GET /projects/N/repository/commits/N/merge_requests':
      return state.mergeRequests;
    case 'GET /projects/N/jobs/N/artifacts/steep-plan.json':
      return state.artifacts.get(id ?? '');
    default:
      return undefined;
  }
}
