// A sandbox of throwaway servers as it is printed. Without secrets.

export interface SandboxReport {
  readonly directory: string;
  /** stale: it should run but no server does, as after a reboot. */
  readonly state: 'up' | 'partly' | 'stale' | 'none';
  /** RFC 3339 UTC. Null: there is no sandbox. */
  readonly created: string | null;
  /** Sets the variables with the URLs; only its owner may read it. */
  readonly env_file: string | null;
  readonly nodes: readonly SandboxNodeReport[];
}

export interface SandboxNodeReport {
  readonly name: string;
  readonly major: number;
  readonly running: boolean;
  readonly pid: number | null;
  /** `host:port/database`; null: it was never started. */
  readonly endpoint: string | null;
  /** The variable with the URL of this node. */
  readonly variable: string;
}
