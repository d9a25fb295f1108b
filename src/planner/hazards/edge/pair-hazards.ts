// What a pair does in addition to copying.

import { plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { hazard } from '../hazard.ts';

/** New tables of a running pair stop the way back for as long as their copy takes. */
export const pausedHazard = (back: ResourceOf<'subscription'>, tables: number): FoundHazard =>
  hazard(
    'notice',
    'NOT_TRANSACTIONAL',
    back.address,
    `${back.name} gets ${plural(tables, 'new table')} and is paused until the rows are copied to ${back.spec.source ?? '?'}: changes that ${back.spec.source ?? '?'} writes until then wait in its slot. A refresh is not rolled back.`,
    'To undo it: remove the tables from the pair, and apply.',
  );
