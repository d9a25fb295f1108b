// STUB
import type { NodeName } from '../model/address.ts';
import type { Session } from '../postgres/session.ts';
export declare const undoCopy: (request: {
  node: NodeName;
  subscription: string;
  openTarget: () => Promise<Session>;
}) => Promise<void>;
