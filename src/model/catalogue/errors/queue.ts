// What keeps operations of the queue from being run.

import type { ErrorExplanation } from '../explanation.ts';

export const queueErrors = {
  WORK_INVALID: {
    severity: 'error',
    title: 'A queued operation cannot be read',
    meaning:
      'An operation of the queue has a parameter that this version of steep does not know, or a value that makes no sense. Nothing was changed.',
    cause:
      'It was added by a newer version of steep, or written into the table work_queue by hand.',
    cure: 'Queue it with the functions of steep_repl or with --queue, and use workers of one version.',
    commands: ['steep ops status ID --node NODE', 'SELECT * FROM steep_repl.list_operations();'],
  },
  WORK_LOCATION: {
    severity: 'error',
    title: 'The worker does not use this location for snapshots',
    meaning:
      'The operation names a directory or a bucket that is not below one of those that the worker was started with. Whoever may queue operations could otherwise write to any directory of its machine. Nothing was changed.',
    cause: 'The worker was started without --snapshots, or with other locations.',
    cure: 'Start the worker with --snapshots LOCATION, or name a location below one of those that it has.',
    commands: ['steep worker --snapshots s3://BUCKET/PREFIX'],
  },
  WORKER_LOST: {
    severity: 'error',
    title: 'The workers of an operation ended before it did',
    meaning:
      'Each time the operation was begun, the session of its worker ended before the operation did. After max_attempts of them it is not begun again.',
    cause:
      'The process was killed, for example because the machine had no memory left; or it could not reach the server for more than half a minute.',
    cure: 'Find the reason in the log of the worker and of its machine. Then queue the operation again: it resumes.',
    commands: ['steep ops logs ID --node NODE'],
  },
  ROWS_UNSETTLED: {
    severity: 'warning',
    title: 'Rows kept changing until the time limit of a queued verification',
    meaning:
      'Some rows were not the same on both nodes, and were still being changed or replicated when the time limit was reached: it is not known whether they differ.',
    cause: 'The rows are written all the time, or replication lags.',
    cure: 'Verify again at a quieter time, or from the command line with a longer --settle-timeout.',
    commands: ['steep verify ADDRESS --settle-timeout 10min'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
