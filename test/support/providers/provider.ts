// What a provider of test servers offers. It lives in the keeper's process, see keeper.ts.

export interface ServerRequest {
  readonly major: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly password: string;
  /** The server's own; need not exist. */
  readonly directory: string;
  /** Where copies of binaries go if they must be copied. */
  readonly copies: string;
}

/** A server that runs. Its port stays the same over restarts. */
export interface HostedServer {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  log(): Promise<string>;
  /** Stops it for good. */
  end(): Promise<void>;
}

export type Provider = (request: ServerRequest) => Promise<HostedServer>;
