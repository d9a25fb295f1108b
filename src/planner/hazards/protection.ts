// A protected object is dropped only after `protect: false` was applied: the node remembers it, not the file.

import type { FoundHazard } from '../../model/hazard.ts';
import type { Resource } from '../../model/resource.ts';
import { hazard } from './hazard.ts';

export const protectedHazard = (live: Resource): readonly FoundHazard[] =>
  live.protect
    ? [
        hazard(
          'block',
          'PROTECTED',
          live.address,
          `${live.address} is protected, and this plan would drop it.`,
          'Apply protect: false on it first, in a change of its own.',
        ),
      ]
    : [];
