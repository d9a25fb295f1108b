// Nodes as the command line names them: NAME=URL, or NAME with the URL in the environment.
// No message holds any part of a URL: it may be secret.

import { Conninfo } from '../model/connection/conninfo.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { parseConnectionText } from '../topology/parse/connection-text.ts';
import { type FileVariables, variableValue } from '../topology/parse/environment.ts';
import { variableName } from './plan/describe-connections.ts';
import type { NamedNode } from './plan/introspect-nodes.ts';

export interface NodeRequest {
  readonly name: string;
  /** Null: in the variable of the node. */
  readonly url: string | null;
}

/** The nodes with their connections, in the order given. @throws SteepError USAGE (exit 64). */
export const namedNodes = (
  requests: readonly NodeRequest[],
  environment: FileVariables,
): readonly NamedNode[] => {
  const nodes = requests.map((request) => namedNode(request, environment));
  for (const [index, node] of nodes.entries()) {
    const before = nodes.slice(0, index);
    const variable = before.find((it) => it.variable === node.variable);
    if (variable !== undefined) {
      throw usage(`Nodes ${variable.name} and ${node.name} would both use ${node.variable}.`);
    }
    const same = before.find((it) => it.conninfo.endpoint === node.conninfo.endpoint);
    if (same !== undefined) throw usage(`Nodes ${same.name} and ${node.name} are one database.`);
  }
  return nodes;
};

/** As the schema of steep.yaml has it. */
const nodeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

const namedNode = ({ name, url }: NodeRequest, environment: FileVariables): NamedNode => {
  if (!nodeName.test(name)) {
    throw usage(
      'The name of a node can have only letters, digits, _, - and . characters.',
      '--node primary=URL',
    );
  }
  const variable = variableName(name, 'url');
  const text = url ?? variableValue(environment, variable);
  if (text === '') {
    throw usage(`Node ${name} has no URL.`, `--node ${name}=URL`, `export ${variable}=URL`);
  }
  const read = parseConnectionText(text);
  if (!read.ok) throw usage(`The connection of node ${name} cannot be read. ${read.message}`);
  return { name, variable, conninfo: new Conninfo(read.keywords), metadataDatabase: null };
};

const usage = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });
