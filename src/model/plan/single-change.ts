// One change that a command asks for, in place of what steep.yaml says: pure data, and part of the plan.

import type { QualifiedName } from '../identifier.ts';
import type { Address } from '../state/address.ts';

interface At {
  /** The object that is changed. */
  readonly address: Address;
}

export type SingleChange =
  /** The definition is among the desired state: the only publication, the only subscription of it. */
  | (At & { readonly verb: 'create-publication' | 'create-subscription' })
  | (At & { readonly verb: 'create-slot'; readonly plugin: string })
  | (At & { readonly verb: 'create-origin' | 'enable' | 'disable' })
  /** `keepSlot`: a subscription leaves its slot where it is. */
  | (At & { readonly verb: 'drop'; readonly keepSlot: boolean })
  | (At & {
      readonly verb: 'add-tables' | 'remove-tables';
      readonly tables: readonly QualifiedName[];
    })
  | (At & { readonly verb: 'refresh'; readonly copyData: boolean })
  /** `full`: the subscription and its slot are created again; else the tables that the options name are copied again. */
  | (At & { readonly verb: 'reset'; readonly full: boolean })
  /** The initial copy of a subscription, which need not be there. */
  | (At & { readonly verb: 'cancel' })
  /** A slot, or an origin that belongs to no subscription. */
  | (At & { readonly verb: 'advance'; readonly lsn: string })
  | (At & { readonly verb: 'register' } & Registration);

/** What steep_repl.nodes is to say of a node; null: what it says already. */
export interface Registration {
  readonly title: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly priority: number | null;
}

/** In place of a line of steep.yaml. */
export const asRequested = 'the command line';

/** Those with this verb. */
export type ChangeBy<V extends SingleChange['verb']> = SingleChange & { readonly verb: V };
