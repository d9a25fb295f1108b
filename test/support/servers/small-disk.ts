// A disk of a few megabytes, where the test may mount one: root does, in most containers.

import { execFileSync } from 'node:child_process';

export interface SmallDisk {
  readonly grow: (size: string) => void;
  readonly unmount: () => void;
}

/** @param size as in `4m`. Null: there is no right to mount anything. */
export const mountSmallDisk = (directory: string, size: string): SmallDisk | null => {
  const run = (command: string, ...args: readonly string[]): void =>
    void execFileSync(command, [...args, directory], { stdio: 'ignore' });
  if (process.getuid?.() !== 0) return null;
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs');
  } catch {
    return null;
  }
  return {
    grow: (larger) => run('mount', '-o', `remount,size=${larger}`),
    unmount: () => run('umount'),
  };
};
