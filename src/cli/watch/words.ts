// The words and figures of the screen, the same in every view.

import type { InitProgress } from '../../model/copy/init-progress.ts';
import { type Health, worstHealth } from '../../model/edge/edge-health.ts';
import { formatDuration, formatRate, formatSize } from '../../model/quantity.ts';
import type { WatchedEdge } from '../../model/watch/watched-edge.ts';
import { span, type TextSpan } from './screen-line.ts';

/** Bad news in capitals: it must be seen without colour too. */
export const healthSpan = (health: Health): TextSpan => {
  if (health === 'ok') return span('ok', 'good');
  if (health === 'broken' || health === 'unknown') return span(health.toUpperCase(), 'bad');
  return span(health, 'caution');
};

export const healthOf = (edges: readonly WatchedEdge[]): Health =>
  worstHealth(edges.map(({ status }) => status.verdict.health));

export const sizeText = (bytes: number | null): string =>
  bytes === null ? '-' : formatSize(bytes);

export const secondsText = (seconds: number | null): string =>
  seconds === null ? '-' : formatDuration(seconds * 1000);

export const rateText = (perSecond: number | null): string =>
  perSecond === null ? '-' : formatRate(perSecond);

export const countText = (count: number | null): string => (count === null ? '-' : String(count));

const percentText = (percent: number | null): string =>
  percent === null ? '-' : `${Math.floor(percent)}%`;

/** `31% ETA 5m40s`; `-` where nothing is copied. */
export const progressCell = (progress: InitProgress | null): string => {
  if (progress === null) return '-';
  const eta = progress.etaSeconds === null ? '' : ` ETA ${secondsText(progress.etaSeconds)}`;
  return `${percentText(progress.percent)}${eta}`;
};
