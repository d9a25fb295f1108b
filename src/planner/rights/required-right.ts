// A right that a role needs for planned steps, as a value: where, which, on what, why, whether the role has it, and the
// statements that give it. Plans block by it, the doctor lists it, and `steep doctor --grants` prints it.

import type { NodeName } from '../../model/state/address.ts';
import type { NodeState } from '../../model/state/state.ts';

export type RightKind =
  | 'role'
  | 'metadata'
  | 'create'
  | 'schemas'
  | 'create-in'
  | 'publish'
  | 'publication'
  | 'publish-schemas'
  | 'replication'
  | 'superuser-subscribes'
  | 'without-password'
  | 'subscribe'
  | 'receive'
  | 'subscription'
  | 'fill'
  | 'truncate'
  | 'alter'
  | 'parameter'
  | 'read-origins'
  | 'set-origins'
  | 'tag-origins'
  | 'log-snapshots'
  | 'mark-slots'
  | 'read'
  | 'all-rows'
  | 'rows-of-others'
  | 'read-sequences'
  | 'set-sequences'
  | 'own-sequences'
  | 'lock';

export interface RequiredRight {
  readonly node: NodeName;
  readonly kind: RightKind;
  /** A table, a publication, a function: what it is a right to. */
  readonly object: string;
  /** Ends the sentence "Role … lacks rights for …". */
  readonly purpose: string;
  /** Without it the steps fail; false: they come to their end in another way, or later, or it is asked for by later plans. */
  readonly needed: boolean;
  readonly held: boolean;
  /** No grant replaces it: PostgreSQL asks for a superuser. */
  readonly superuser: boolean;
  readonly sql: readonly string[];
  /** Other ways. */
  readonly instead: readonly string[];
}

/** A node, and the role there that is to have the rights. */
export interface RoleOnNode {
  readonly state: NodeState;
  readonly role: string;
}

type Given = Pick<RequiredRight, 'kind' | 'object' | 'purpose' | 'held' | 'sql'> &
  Partial<Pick<RequiredRight, 'needed' | 'superuser' | 'instead'>>;

export const requiredRight = ({ state }: RoleOnNode, given: Given): RequiredRight => ({
  node: state.node,
  needed: true,
  superuser: false,
  instead: [],
  ...given,
  held: given.held || state.server.role.superuser,
});

/** Each once; it is needed where one of the steps needs it. */
export const eachOnce = (rights: readonly RequiredRight[]): readonly RequiredRight[] => {
  const found = new Map<string, RequiredRight>();
  for (const right of rights) {
    const key = JSON.stringify([right.node, right.kind, right.object]);
    const known = found.get(key);
    found.set(
      key,
      known === undefined ? right : { ...known, needed: known.needed || right.needed },
    );
  }
  return [...found.values()];
};
