// Saved plans, and why one is not run.

import type { ErrorExplanation } from '../explanation.ts';

export const planErrors = {
  PLAN_STALE: {
    severity: 'error',
    title: 'The plan is out of date',
    meaning:
      'A plan made now would contain a step that the saved plan does not have. Nothing was changed.',
    cause: 'The servers or the file have changed since the plan was made.',
    cure: 'Make a new plan and review it.',
    commands: ['steep plan --out plan.json'],
  },
  PLAN_UNREADABLE: {
    severity: 'error',
    title: 'The plan file cannot be read',
    meaning: 'The file does not exist, or is not a plan of steep.',
    cause: 'The path is wrong, or the file was truncated or edited.',
    cure: 'Make the plan again.',
    commands: ['steep plan --out plan.json'],
  },
  PLAN_TOO_NEW: {
    severity: 'error',
    title: 'The plan file has a newer format',
    meaning:
      'A higher major version of the format can mean things that this steep does not know, so it is refused.',
    cause: 'The plan was made by a newer steep.',
    cure: 'Use the steep that made the plan, or make the plan with this one.',
    commands: ['steep --version'],
  },
  PLAN_TAMPERED: {
    severity: 'error',
    title: 'The plan file was changed after it was saved',
    meaning:
      'The id of a plan is the hash of its content, and the two do not match. Nothing was changed.',
    cause: 'The file was edited after it was made.',
    cure: 'Make the plan again. A plan is changed by changing steep.yaml, never by hand.',
    commands: ['steep plan --out plan.json'],
  },
  WRONG_SERVER: {
    severity: 'error',
    title: 'The plan was made for another server',
    meaning:
      'The server has another system identifier, database or timeline than the plan says. Nothing was changed.',
    cause:
      'The connection leads to another server, or the server was restored or promoted after the plan was made.',
    cure: 'Correct the connection. If the server was replaced on purpose, make a new plan.',
    commands: ['SELECT system_identifier FROM pg_control_system();', 'steep plan'],
  },
  LIMITS_FIXED: {
    severity: 'error',
    title: 'A saved plan has its own time limits',
    meaning:
      'apply was given another --lock-timeout or --slot-timeout than the plan was made with. Nothing was changed.',
    cause:
      'The limits are part of what was reviewed: each step runs with those that the plan shows.',
    cure: 'Leave the flag out, or make a new plan with it.',
    commands: ['steep plan --lock-timeout 10s --out plan.json'],
  },
  UNKNOWN_ADDRESS: {
    severity: 'error',
    title: 'No object has this address',
    meaning:
      'What --target or --exclude names is neither in steep.yaml nor on a server. Nothing was planned.',
    cause:
      'The address is misspelled, or an earlier run has already dropped the object. `*` matches text within the name only.',
    cure: 'Take the address from a plan. If a run was interrupted while it dropped the object, apply the whole plan, or target an address that it shows.',
    commands: ['steep plan'],
  },
  HAZARD_NOT_ALLOWED: {
    severity: 'error',
    title: 'A hazard was not allowed',
    meaning:
      'The plan has a danger that was not allowed. Nothing was changed; --auto-approve never covers a danger.',
    cause:
      'The danger was neither allowed by flag, nor in policy.allow_hazards, nor typed at the prompt.',
    cure: 'Read what the hazard does. If it is acceptable, add the exact flag that the message prints.',
    commands: ['steep explain CODE', 'steep apply --allow-hazard CODE=ADDRESS'],
  },
  BLOCKED: {
    severity: 'error',
    title: 'The plan is blocked',
    meaning: 'The plan has a hazard that cannot be allowed. Nothing was changed.',
    cause: 'Something on the servers or in steep.yaml must be corrected first.',
    cure: 'Follow the remedy that the block names, and plan again.',
    commands: ['steep explain CODE'],
  },
  CONSENT_DECLINED: {
    severity: 'error',
    title: 'The plan was not approved',
    meaning: 'The answer was neither "yes" nor the address. Nothing was changed.',
    cause: 'The user declined at the prompt.',
    cure: 'Run apply again to apply the plan.',
    commands: ['steep apply'],
  },
  NO_TERMINAL: {
    severity: 'error',
    title: 'Confirmation needs a terminal',
    meaning: 'apply would ask for approval, but there is no terminal. Nothing was changed.',
    cause:
      'The command runs in a pipeline, without --auto-approve, a saved plan or an expected plan id.',
    cure: 'Apply a saved plan, name the id of the expected plan, or approve any plan in advance.',
    commands: [
      'steep apply plan.json',
      'steep apply --expect-plan-id sha256:ID',
      'steep apply --auto-approve',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
