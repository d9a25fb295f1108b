// A protected object is dropped only after `protect: false` was applied: the node remembers it, not the file.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { Resource } from '../../../model/state/resource.ts';
import type { RemovalAction } from '../../../model/state/state.ts';
import { hazard } from '../hazard.ts';

/** An entry of `removed` for an object that is not steep's: others may rely on it. */
export const notOwnedHazard = (
  live: Resource,
  action: RemovalAction,
  source: string,
): FoundHazard =>
  hazard(
    'warning',
    'NOT_OWNED',
    live.address,
    `${source} asks to ${action} ${live.address}, which steep does not manage: it is not changed.`,
    'Drop it by hand if it is not needed, or remove the entry from steep.yaml.',
  );

/** What would have to be dropped to become what the file asks for, and is not steep's to drop. */
export const foreignHazard = (live: Resource, reason: string): FoundHazard =>
  hazard(
    'block',
    'NOT_OWNED',
    live.address,
    `${live.address} exists, is not managed by steep, and would have to be dropped: ${reason}.`,
    'Use another name in steep.yaml, declare the object as it is, or drop it by hand.',
  );

export const protectedHazard = (live: Resource): readonly FoundHazard[] =>
  live.protect
    ? [
        hazard(
          'block',
          'PROTECTED',
          live.address,
          `${live.address} is protected, and this plan would drop it.`,
          'Apply protect: false on it first, in a separate change.',
        ),
      ]
    : [];
