// The ways in which an edge breaks: each makes its stage on real servers, and names the fault that all must see.

import { canClone } from '../../servers/cluster.ts';
import { applyStages } from './apply-stages.ts';
import { endStages } from './end-stages.ts';
import type { Stage } from './stage.ts';
import { tableStages } from './table-stages.ts';

/** The stages that a major has. */
export const stagesOn = (major: number): readonly Stage[] =>
  [...applyStages, ...endStages, ...tableStages].filter(
    ({ since = 14, local }) => major >= since && (canClone || local !== true),
  );
