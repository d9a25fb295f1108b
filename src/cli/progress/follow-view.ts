// Initial copies while a user looks on: a block that changes in place on a terminal, elsewhere a line per change, and
// with --json an event a line.

import type { InitReading } from '../../model/copy/init-reading.ts';
import type { RunEvent } from '../../model/event.ts';
import { createEventStream, type LogFile } from '../event-log.ts';
import { withoutSecretsAndCommands } from '../output.ts';
import { initLine, initLines } from '../render/render-init.ts';
import type { Style } from '../render/style.ts';
import { draw, Line } from './live-lines.ts';

export interface FollowView {
  readonly onChange: (changed: readonly InitReading[], all: readonly InitReading[]) => void;
  readonly onEvent: (event: RunEvent) => void;
  /** Ends the view; resolves when the last line is written. */
  readonly close: () => Promise<void>;
}

export interface FollowViewOptions {
  readonly json: boolean;
  readonly log: LogFile | null;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly style: Style;
}

export const openFollowView = (options: FollowViewOptions): FollowView => {
  const { json, log, stdout, env } = options;
  const write = (text: string): void => void stdout.write(text);
  const stream = json ? createEventStream(write) : undefined;
  const watched = stdout.isTTY === true && (env.CI ?? '') === '' && env.TERM !== 'dumb';
  const people = json ? silent : watched ? liveBlock(options) : changeLines(options, write);
  return {
    ...people,
    onEvent: (event) => {
      log?.write(event);
      stream?.(event);
    },
  };
};

type People = Pick<FollowView, 'onChange' | 'close'>;

const silent: People = { onChange: () => undefined, close: () => Promise.resolve() };

const changeLines = ({ now }: FollowViewOptions, write: (text: string) => void): People => ({
  onChange: (changed) => {
    const time = `${now().toISOString().slice(0, 19)}Z`;
    for (const reading of changed)
      write(withoutSecretsAndCommands(`${time} ${initLine(reading)}\n`));
  },
  close: () => Promise.resolve(),
});

const liveBlock = ({ stdout, style }: FollowViewOptions): People => {
  const block = new Line();
  const drawn = draw([block], stdout, style);
  return {
    onChange: (_changed, all) => block.show(...all.flatMap(initLines)),
    close: async () => {
      block.end();
      await drawn;
    },
  };
};
