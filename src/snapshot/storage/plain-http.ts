// A bucket that is reached without TLS: rows pass the network as they are.

import { channel } from 'node:diagnostics_channel';
import { warningChannel } from '../../model/plan/warnings.ts';

const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|.+\.localhost)$/i;

/** Whether it is an endpoint that others on the network can listen to. */
const isPlainHttp = (endpoint: URL): boolean =>
  endpoint.protocol === 'http:' && !local.test(endpoint.hostname);

/** Says so, once a command. */
export const warnOfPlainHttp = (endpoint: URL): void => {
  if (!isPlainHttp(endpoint)) return;
  channel(warningChannel).publish(
    `The S3 endpoint ${endpoint.origin} is reached over http, without TLS. Others on the network can read and change the rows of snapshots. Use https in AWS_ENDPOINT_URL.`,
  );
};
