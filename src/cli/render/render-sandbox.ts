// A sandbox for people: its nodes, and how to get their URLs into a shell without showing a password.

import { plural } from '../../model/listing.ts';
import type { SandboxNodeReport, SandboxReport } from '../../model/report/sandbox-report.ts';
import { shellWord } from '../../model/shell-word.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';

/** Nodes and the line to source; a word on how to continue where servers do not run. */
export const renderSandbox = (report: SandboxReport): string => {
  if (report.state === 'none') return `No sandbox in ${report.directory}.`;
  return [
    `Sandbox in ${report.directory}, ${words[report.state]}.`,
    '',
    ...alignColumns(report.nodes.map(nodeRow)).map((line) => `  ${line}`),
    '',
    ...(report.state === 'up' ? usage(report) : cure(report)),
  ].join('\n');
};

/** What is gone. */
export const renderRemovedSandbox = ({ state, directory, nodes }: SandboxReport): string => {
  if (state === 'none') return `No sandbox in ${directory}: nothing to do.`;
  const running = nodes.filter((node) => node.running).length;
  return `Stopped ${plural(running, 'server')} and removed the sandbox in ${directory}.`;
};

const words = {
  up: 'up',
  partly: 'partly up',
  stale: 'stale: none of its servers is running',
} as const;

const nodeRow = ({
  name,
  major,
  running,
  pid,
  endpoint,
  variable,
}: SandboxNodeReport): string[] => [
  name,
  `PostgreSQL ${major}`,
  running ? `running, pid ${pid}` : 'not running',
  endpoint === null ? '' : `${variable}=postgresql://postgres:***@${endpoint}`,
];

const usage = ({ env_file: file }: SandboxReport): readonly string[] => [
  'To set the URLs, with the password, in this shell:',
  `  . ${shellWord(file ?? '')}`,
];

const cure = ({ directory }: SandboxReport): readonly string[] => [
  'Start the stopped servers, or remove the sandbox:',
  `  ${steepCommand`steep sandbox up --dir ${directory}`}`,
  `  ${steepCommand`steep sandbox down --dir ${directory}`}`,
];
