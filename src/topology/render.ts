// A topology → the text of steep.yaml, which loadTopology reads back as the same. Pure. Keys are in the order of the
// documentation; what equals its default is not written.

import { Document } from 'yaml';
import { printableYaml } from '../model/printable.ts';
import { Entries, type Entry, entryUnless, yamlMapping } from './parse/yaml-entries.ts';
import { commentText } from './render-comments.ts';
import { publicationEntries } from './render-publication.ts';
import { subscriptionEntries } from './render-subscription.ts';
import type { WrittenNode, WrittenTopology } from './written-topology.ts';

const modeline = ' yaml-language-server: $schema=./node_modules/steep/schemas/steep.schema.json';

// Long texts stay on one line: a folded filter or name is hard to read and to search for.
const style = {
  lineWidth: 0,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  flowCollectionPadding: false,
} as const;

/** The whole file, ending in a newline. */
export const renderTopology = (topology: WrittenTopology): string => {
  const { opening, publications, subscriptions, closing } = topology;
  const contents = yamlMapping(
    new Entries([
      ['version', 1],
      ['nodes', new Entries(topology.nodes.map(nodeEntry))],
      ...entryUnless(publications.length === 0, [
        'publications',
        new Entries(publications.map((it) => [it.name, publicationEntries(it)])),
      ]),
      ...entryUnless(subscriptions.length === 0, [
        'subscriptions',
        new Entries(subscriptions.map((it) => [it.name, subscriptionEntries(it), it.comment])),
      ]),
    ]),
  );
  for (const { key } of contents.items.slice(1)) key.spaceBefore = true;
  const document = new Document();
  document.contents = contents;
  document.commentBefore = [modeline, ...opening.map((it) => commentText([it]))].join('\n');
  if (closing.length > 0) document.comment = commentText(closing, '  ');
  return printableYaml(document.toString(style));
};

const nodeEntry = (node: WrittenNode): Entry => {
  const { name, variable, replication, priority, metadataDatabase, comment } = node;
  const settings = new Entries([
    ['connection', `\${${variable}}`],
    ...entryUnless(replication === null, [
      'replication_connection',
      new Entries(Object.entries(replication ?? {}).map(keywordEntry)),
    ]),
    ...entryUnless(priority === 50, ['priority', priority]),
    ...entryUnless(metadataDatabase === null, ['metadata_database', metadataDatabase ?? '']),
  ]);
  return [name, settings, comment];
};

/** A port is a number to people; any other spelling of it must stay what it is. */
const keywordEntry = ([keyword, value]: readonly [string, string]): Entry => [
  keyword,
  keyword === 'port' && String(Number(value)) === value ? Number(value) : value,
];
