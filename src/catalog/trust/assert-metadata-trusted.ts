// Before steep names a relation of steep_repl: whether the schema is what steep made, and no other role can change it.
// A schema that is trusted stays so: only a trusted role could replace it afterwards.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import { metadataSchema, metadataVersion } from '../../model/state/metadata-version.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { contentDifferences, hasKnownHistory, knownNames } from './metadata-contents.ts';
import {
  type MetadataFact,
  type MetadataFacts,
  readMetadataFacts,
  readMetadataSchema,
} from './read-metadata-facts.ts';

/** By session, since later readers of the schema know only the session. */
const trustedOwners = new WeakMap<Session, readonly string[]>();

/** By session: the OID of the schema that was found in order. Another schema of that name has another one. */
const examined = new WeakMap<Session, number>();

/** What steep.yaml names as metadata_owner, for all that is asked through this session. */
export const trustOwners = (session: Session, owners: readonly string[]): void => {
  trustedOwners.set(session, owners);
  examined.delete(session);
};

/**
 * Does nothing where there is no steep_repl, or where this session has examined it before. To be called after a look
 * whether a table is there, and before its use: the schema may have been created, or replaced, since the session was opened.
 * @throws SteepError METADATA_NOT_TRUSTED, METADATA_NEWER or METADATA_EMPTY, with exit 7 (incomplete).
 */
export const assertMetadataTrusted = async (session: Session): Promise<void> => {
  const schema = await readMetadataSchema(session);
  if (schema === null || examined.get(session) === schema) return;
  await examine(session);
  examined.set(session, schema);
};

const examine = async (session: Session): Promise<void> => {
  const { node } = session;
  const owners = trustedOwners.get(session) ?? [];
  const found = await readMetadataFacts(session, knownNames, owners);
  if (found === null) return;
  const strangers = [...found.owners.map(owned), ...found.grants.map(granted)];
  if (strangers.length > 0) throw notTrusted(node, strangers, ownerCures(found));
  if (found.facts.length === 0) throw empty(node, 'it has no table of steep');
  const contents = contentDifferences(found.facts);
  if (contents.length === 0) return;
  if (hasKnownHistory(found.facts)) await assertNotNewer(session, node);
  throw notTrusted(node, contents, contentCures);
};

/**
 * A schema without its history was not installed by steep: a dump of definitions brought it.
 * @throws SteepError METADATA_EMPTY, with exit 7 (incomplete).
 */
export const assertHasHistory = (node: NodeName, installed: number): void => {
  if (installed === 0) throw empty(node, 'its table schema_version has no rows');
};

async function assertNotNewer(session: Session, node: NodeName): Promise<void> {
  const [row] = await session.query<{ readonly version: number | null }>(sql`
    SELECT pg_catalog.max(v.version) AS version FROM ONLY steep_repl.schema_version AS v`);
  const version = row?.version ?? 0;
  if (version <= metadataVersion) return;
  throw new SteepError(
    'METADATA_NEWER',
    `steep_repl on node ${node} has version ${version}; this version of steep works with ${metadataVersion}.`,
    {
      exit: ExitCode.incomplete,
      suggestions: ['Use the newer version of steep that installed it.'],
    },
  );
}

const owned = ({ object, fact }: MetadataFact): string => `${object} ${fact}`;
const granted = ({ object, fact }: MetadataFact): string => `${object} allows ${fact}`;

const shown = 5;

function notTrusted(
  node: NodeName,
  reasons: readonly string[],
  suggestions: readonly string[],
): SteepError {
  const more = reasons.length > shown ? `; and ${reasons.length - shown} more` : '';
  return new SteepError(
    'METADATA_NOT_TRUSTED',
    `The schema ${metadataSchema} of node ${node} differs from what steep installs, or other roles can change it; steep has not read its tables. ${reasons.slice(0, shown).join('; ')}${more}.`,
    { exit: ExitCode.incomplete, suggestions },
  );
}

/** The role that owns most is the likely one: the schema's. */
const ownerCures = ({ owners, grants }: MetadataFacts): readonly string[] => [
  ...(owners.length === 0
    ? []
    : [
        'If you trust the owner with all rights of steep, name it in steep.yaml: nodes.NODE.metadata_owner.',
        `If it is not, and steep is not in use there: DROP SCHEMA ${metadataSchema} CASCADE;`,
      ]),
  ...(grants.length === 0
    ? []
    : [
        `Revoke these rights, as REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA ${metadataSchema} FROM …; or name the role as metadata_owner too.`,
      ]),
];

const contentCures: readonly string[] = [
  'Find out who changed the schema, and undo that: the message names what was added, changed or removed.',
  `Or, if the records of steep on this node can be lost: DROP SCHEMA ${metadataSchema} CASCADE; steep apply then installs it again and adopts what matches steep.yaml.`,
];

function empty(node: NodeName, why: string): SteepError {
  return new SteepError(
    'METADATA_EMPTY',
    `Node ${node} has a schema ${metadataSchema} that steep did not install there: ${why}. A dump of the definitions of another database contains such a schema.`,
    {
      exit: ExitCode.incomplete,
      suggestions: [
        `Drop it in this database: DROP SCHEMA ${metadataSchema} CASCADE;`,
        `Leave it out of the next dump: pg_dump --schema-only --exclude-schema=${metadataSchema} …`,
      ],
    },
  );
}
