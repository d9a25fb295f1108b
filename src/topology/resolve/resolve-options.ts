// Options of subscriptions as the server shows them: text, in one spelling.

import { compareText } from '../../model/identifier.ts';
import type { Defaults, Subscription } from '../parse/steep-file.generated.ts';

/** The options that the file sets on a subscription, its own before the defaults; sorted. */
export const resolvedOptions = (
  defaults: Defaults | undefined,
  subscription: Subscription,
): Readonly<Record<string, string>> => {
  const merged = { ...defaults?.options, ...subscription.options };
  return Object.fromEntries(
    Object.entries(merged)
      .map(([name, value]) => [name, optionText(name, value)] as const)
      .toSorted(([a], [b]) => compareText(a, b)),
  );
};

/** Options that are more than a yes or no, and whose yes and no are `on` and `off`. */
const onOffOptions: readonly string[] = ['streaming', 'synchronous_commit'];

const optionText = (name: string, value: string | boolean): string => {
  const text = String(value);
  const isYes = text === 'true' || text === 'on';
  if (!isYes && text !== 'false' && text !== 'off') return text;
  if (onOffOptions.includes(name)) return isYes ? 'on' : 'off';
  return String(isYes);
};
