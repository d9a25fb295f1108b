// What PostgreSQL takes as the name of a slot.

import { maxIdentifierBytes } from '../../model/identifier.ts';

/** To CREATE SUBSCRIPTION the slot name `none` means that there is no slot. */
export const isSlotName = (name: string): boolean =>
  /^[a-z0-9_]{1,63}$/.test(name) && name !== 'none';

/** The nearest name that a slot can have. */
export const toSlotName = (name: string): string => {
  const slot = name
    .toLowerCase()
    .replace(/[^a-z0-9_]/gu, '_')
    .slice(0, maxIdentifierBytes);
  return isSlotName(slot) ? slot : 'steep_slot';
};
