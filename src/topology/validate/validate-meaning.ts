// Checks what a file of the right shape says: references, names, circles, sizes. What depends on
// the servers, such as options that their version lacks, is the planner's to judge.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Topology, TopologyCheck } from '../topology.ts';
import { validateDrift } from './validate-drift.ts';
import { validateEnds, validateLoops, validateOwnConnections } from './validate-edges.ts';
import { validateIdentities } from './validate-identities.ts';
import { validateInit } from './validate-init.ts';
import { validateMerge } from './validate-merge.ts';
import { validatePairTables } from './validate-pair-tables.ts';
import { validatePairs } from './validate-pairs.ts';
import { validatePolicy } from './validate-policy.ts';
import { validatePublications } from './validate-publications.ts';
import { validateRemoved } from './validate-removed.ts';
import { validateRenamed } from './validate-renamed.ts';
import { validateSettings } from './validate-settings.ts';
import { validateSlotNames, validateSlotUse } from './validate-slots.ts';
import { validateArrivals, validateSubscriptions } from './validate-subscriptions.ts';
import { validateTables } from './validate-tables.ts';

const checks: readonly TopologyCheck[] = [
  validateSettings,
  validateInit,
  validatePublications,
  validateTables,
  validateIdentities,
  validateSubscriptions,
  validateArrivals,
  validatePairs,
  validatePairTables,
  validateMerge,
  validateSlotNames,
  validateSlotUse,
  validateEnds,
  validateOwnConnections,
  validateLoops,
  validateRemoved,
  validateRenamed,
  validateDrift,
  validatePolicy,
];

/** Every fault at once. */
export const validateMeaning = (topology: Topology): readonly Diagnostic[] =>
  checks.flatMap((check) => check(topology));
