// The demo's steep.yaml: short, commented, and what a first file of one's own may look like.

import { formatName, type QualifiedName } from '../../model/identifier.ts';

export interface DemoFileNode {
  readonly name: string;
  /** The environment variable with its URL. */
  readonly variable: string;
}

/** A publication of these tables on the first node, a subscription on each of the others. */
export const renderDemoFile = (
  nodes: readonly DemoFileNode[],
  tables: readonly QualifiedName[],
): string => {
  const [publisher, ...subscribers] = nodes;
  return [
    '# What should be replicated. "steep plan" shows how the servers differ from it, "steep apply" changes them.',
    'version: 1',
    '',
    'nodes:                                 # each is one database; its URL comes from the environment',
    ...nodes.flatMap(({ name, variable }) => [`  ${name}:`, `    connection: \${${variable}}`]),
    '',
    'publications:',
    '  shop:',
    `    node: ${publisher?.name ?? ''}`,
    '    publish_via_partition_root: true   # partitions may differ from node to node',
    '    tables:',
    ...tables.map((table) => `      - ${yamlText(formatName(table))}`),
    '',
    'subscriptions:                         # each with a slot of the same name on its source',
    ...subscribers.flatMap(({ name }) => [
      `  ${subscriptionOn(name)}:`,
      `    node: ${name}`,
      `    source: ${publisher?.name ?? ''}`,
      '    publications: [shop]',
    ]),
    '',
  ].join('\n');
};

/** The subscription that the file gives a node. */
export const subscriptionOn = (node: string): string => `shop_${node}`;

/** Double quotes are part of an SQL name: YAML needs quotes of its own around them. */
const yamlText = (text: string): string =>
  text.includes('"') ? `'${text.replaceAll("'", "''")}'` : text;
