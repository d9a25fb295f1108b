// How subscribers reach their publishers, as the file says it: nothing where they use the node's own way,
// else keywords, with every secret taken from the environment. Pure.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import { secretKeywords } from '../../model/known-secrets.ts';
import type { NodeName } from '../../model/state/address.ts';
import { passwordVariableKey } from '../../topology/parse/connection-keywords.ts';
import { parseConnectionText } from '../../topology/parse/connection-text.ts';
import type { DescribedEdge } from '../import/describe-edges.ts';
import { type Found, type LeftOut, partition } from './left-out.ts';

/** The way to one publisher, for its `replication_connection`. */
export interface ReplicationWay {
  /** Keywords as the file has them; null: the node's own connection. */
  readonly keywords: Readonly<Record<string, string>> | null;
  /** Variables that the keywords name, with the values that the servers have. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The variable that the file names for something of a node: `eu-1`, `URL` → `EU_1_URL`. */
export const variableName = (node: NodeName, what: string): string => {
  const name = `${node}_${what}`.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  return /^\d/.test(name) ? `NODE_${name}` : name;
};

/** A file has one way to each publisher: that of most subscriptions. Those that use another are left out. */
export const agreeingEdges = (
  edges: readonly DescribedEdge[],
  own: ReadonlyMap<NodeName, Conninfo>,
): Found<DescribedEdge> => {
  const { kept: writable, leftOut } = partition(edges, unwritable);
  const agreeing = partition(writable, (edge) => {
    const model = mostCommon(edge.source, writable, own);
    if (edge.conninfo === null || edge.conninfo.text === model?.conninfo?.text) return null;
    return {
      address: edge.subscription.address,
      reason: `Its connection string is not that of ${model?.subscription.address ?? '?'}, and a node has one replication_connection for all of its subscribers.`,
      cure: 'To manage it too, give both the same connection string (ALTER SUBSCRIPTION … CONNECTION …), and import again.',
    };
  });
  return { kept: agreeing.kept, leftOut: [...leftOut, ...agreeing.leftOut] };
};

const unwritable = ({ subscription, conninfo }: DescribedEdge): LeftOut | null => {
  const read = conninfo === null ? null : parseConnectionText(conninfo.text);
  if (read === null || read.ok) return null;
  const reason = `Its connection string cannot be written to a file. ${read.message}`;
  return { address: subscription.address, reason, cure: null };
};

/** Among equals the node's own connection, which needs no words in the file. */
const mostCommon = (
  source: NodeName,
  edges: readonly DescribedEdge[],
  own: ReadonlyMap<NodeName, Conninfo>,
): DescribedEdge | undefined => {
  const readable = edges.filter((edge) => edge.source === source && edge.conninfo !== null);
  const weight = ({ conninfo }: DescribedEdge): number =>
    readable.filter((other) => other.conninfo?.text === conninfo?.text).length +
    (conninfo?.text === own.get(source)?.text ? 0.5 : 0);
  return readable.toSorted((a, b) => weight(b) - weight(a))[0];
};

/** The way that the subscribers of a node use, once they agree. */
export const replicationWay = (
  node: NodeName,
  own: Conninfo,
  edges: readonly DescribedEdge[],
): ReplicationWay => {
  const conninfo = edges.find((edge) => edge.source === node && edge.conninfo !== null)?.conninfo;
  if (conninfo === undefined || conninfo === null || conninfo.text === own.text) {
    return { keywords: null, environment: {} };
  }
  const read = parseConnectionText(conninfo.text);
  const keywords: Record<string, string> = {};
  const environment: Record<string, string> = {};
  for (const [keyword, value] of inOrder(read.ok ? read.keywords : {})) {
    if (!secretKeywords.includes(keyword) && !value.includes('${')) {
      keywords[keyword] = value;
      continue;
    }
    const variable = variableName(node, `replication_${keyword}`);
    environment[variable] = value;
    if (keyword === 'password') keywords[passwordVariableKey] = variable;
    else keywords[keyword] = `\${${variable}}`;
  }
  return { keywords, environment };
};

/** As people write them: where, who, then the rest. */
const usual: readonly string[] = ['host', 'port', 'dbname', 'user', 'password'];

const inOrder = (
  keywords: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] => {
  const rank = (keyword: string): number =>
    usual.includes(keyword) ? usual.indexOf(keyword) : usual.length;
  return Object.entries(keywords).toSorted(([a], [b]) => rank(a) - rank(b));
};
