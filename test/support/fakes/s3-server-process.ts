// A server that speaks S3, in a process of its own: sends its port, and keeps everything in memory. Buckets are its
// arguments. It takes any credentials: s3-front.ts stands before it.

import { startFauxqs } from 'fauxqs';

const server = await startFauxqs({
  port: 0,
  logger: false,
  init: { buckets: process.argv.slice(2) },
});
process.send?.(server.port);
process.on('disconnect', () => {
  server.stop().catch(() => undefined);
});
