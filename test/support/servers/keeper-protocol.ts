// What workers and the keeper say to each other, and how a worker says it.

export interface ServerInfo {
  readonly id: string;
  readonly major: number;
  readonly port: number;
  readonly password: string;
}

export type KeeperQuestion =
  | { readonly do: 'shared'; readonly major: number }
  | {
      readonly do: 'private';
      readonly major: number;
      readonly settings: Readonly<Record<string, string>>;
    }
  /** A copy of a private server that is stopped, as a standby without a primary. */
  | { readonly do: 'clone'; readonly id: string }
  /** The files of a private server that runs, but its WAL: `copy` is a name for them. */
  | { readonly do: 'copy'; readonly id: string; readonly copy: string }
  /** Adds the WAL that the server has by now, and lets a new server recover from it. */
  | {
      readonly do: 'recover';
      readonly id: string;
      readonly copy: string;
      /** What pg_backup_stop() said. */
      readonly label: string;
      readonly settings: Readonly<Record<string, string>>;
    }
  | { readonly do: 'start' | 'stop' | 'kill' | 'log' | 'end'; readonly id: string };

export interface KeeperAnswer {
  readonly info?: ServerInfo;
  readonly log?: string;
  readonly error?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the keeper listens. */
    readonly keeper: string;
  }
}

/** Asks the keeper and waits until it is done. */
export async function askKeeper(url: string, question: KeeperQuestion): Promise<KeeperAnswer> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(question) });
  const answer = (await response.json()) as KeeperAnswer;
  if (answer.error !== undefined) throw new Error(`The keeper of test servers: ${answer.error}`);
  return answer;
}
