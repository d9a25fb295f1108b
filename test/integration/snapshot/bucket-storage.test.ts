// Snapshots in a bucket, on a real server: the contract of every storage, then what only a server can do.

import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { accessKey, type S3Server, startS3 } from '../../support/fakes/s3-server.ts';
import { storageContract } from '../../support/fakes/storage-contract.ts';
import {
  blocks,
  bytesOf,
  calm,
  collectText,
  listed,
  megabyte,
  openNew,
} from '../../support/fakes/storage-places.ts';
import { runCommandsAlone } from '../../support/hosted-cli.ts';

runCommandsAlone();

let server: S3Server;
let places = 0;

beforeAll(async () => {
  server = await startS3('snapshots');
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
});
afterEach(() => server.treat(() => ({ kind: 'pass' })));
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

const newPrefix = (): string => {
  places += 1;
  return `s3://snapshots/test/${places}`;
};

storageContract('bucket', async () => {
  const location = newPrefix();
  return {
    open: () => openNew(location),
    traces: async () => [...server.openUploads(), ...(await listed(await openNew(location)))],
  };
});

describe('a bucket', () => {
  test('is opened with the right key only, and no message shows it', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAWRONGWRONGWRONGW');
    const error = await openNew(newPrefix()).catch((fault: unknown) => fault);
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKey);
    expect(error).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(
        /^s3:\/\/snapshots\/test\/\d+: InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records \(403\)\.$/,
      ),
      suggestions: [expect.stringContaining('Correct the credentials')],
    });
    expect(inspect(error, { depth: 9 })).not.toMatch(/AKIA|secret-that/);
  });

  test('that is not there, and one that may not be seen', async () => {
    await expect(openNew('s3://missing/a')).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: 's3://missing/a: NoSuchBucket: The specified bucket does not exist: missing (404).',
      suggestions: ['Create the bucket, or correct its name.'],
    });
    server.treat(() => ({
      kind: 'answer',
      status: 403,
      code: 'AccessDenied',
      message: 'User AKIAQUOTEDQUOTEDQUOT is not authorized',
    }));
    await expect(openNew(newPrefix())).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/AccessDenied: User \*\*\* is not authorized \(403\)\.$/),
      suggestions: [expect.stringContaining('s3:ListBucket')],
    });
  });

  test('without a server, a region or credentials', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://name:password@127.0.0.1:1');
    const error = await openNew(newPrefix()).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: 'STORAGE_FAILED' });
    expect(String(error)).toMatch(/ECONNREFUSED/);
    expect(inspect(error, { depth: 9 })).not.toMatch(/password/);
    vi.stubEnv('AWS_ENDPOINT_URL', server.environment.AWS_ENDPOINT_URL);
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/none');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/none');
    await expect(openNew(newPrefix())).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      suggestions: [expect.stringContaining('Correct the credentials')],
    });
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKey);
    vi.stubEnv('AWS_REGION', undefined);
    await expect(openNew(newPrefix())).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      suggestions: [expect.stringContaining('AWS_REGION')],
    });
    vi.stubEnv('AWS_REGION', server.environment.AWS_REGION);
  });

  test('whose server stumbles is asked again', async () => {
    const storage = await openNew(newPrefix());
    let failures = 0;
    server.treat((line) => {
      if (!line.startsWith('PUT') || failures >= 3) return { kind: 'pass' };
      failures += 1;
      if (failures === 1) return { kind: 'break' };
      return {
        kind: 'answer',
        status: 503,
        code: 'SlowDown',
        message: 'Reduce your request rate.',
      };
    });
    expect(await storage.write('data/t/1.bin', blocks(20), calm)).toBe(20 * megabyte);
    expect(failures).toBe(3);
    expect(await listed(storage)).toEqual(['data/t/1.bin']);
  });

  test('whose server goes away in the middle: an error, and the parts can be cleared away later', async () => {
    const location = newPrefix();
    const storage = await openNew(location);
    server.treat((line) =>
      /partNumber=[2-9]|DELETE/.test(line) ? { kind: 'break' } : { kind: 'pass' },
    );
    await expect(storage.write('data/t/1.bin', blocks(30), calm)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(
        new RegExp(`^${location}/data/t/1\\.bin: .*(hang up|ECONNRESET)`),
      ),
      suggestions: [expect.stringContaining('run the same command again')],
    });
    server.treat(() => ({ kind: 'pass' }));
    expect(await listed(storage)).toEqual([]);
    expect(server.openUploads()).toEqual([expect.stringContaining('/data/t/1.bin')]);
    await storage.removePartials();
    expect(server.openUploads()).toEqual([]);
  });

  test('that is full', async () => {
    const storage = await openNew(newPrefix());
    server.treat((line) =>
      line.startsWith('PUT')
        ? {
            kind: 'answer',
            status: 507,
            code: 'XMinioStorageFull',
            message: 'Storage backend has reached its minimum free drive threshold.',
          }
        : { kind: 'pass' },
    );
    await expect(storage.write('data/t/1.bin', bytesOf('x'), calm)).rejects.toMatchObject({
      code: 'STORAGE_FULL',
      message: expect.stringContaining(
        'data/t/1.bin: XMinioStorageFull: Storage backend has reached',
      ),
    });
    expect(await storage.freeBytes()).toBeNull();
  });

  test('whose answer is cut, or not what was stored', async () => {
    const storage = await openNew(newPrefix());
    await storage.write('data/t/1.bin', blocks(4), calm);
    const isFile = (line: string): boolean => line.includes('1.bin');
    const read = async (): Promise<string> => collectText(await storage.read('data/t/1.bin', calm));
    server.treat((line) =>
      isFile(line) ? { kind: 'cut', bytes: 2 * megabyte } : { kind: 'pass' },
    );
    await expect(read()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('data/t/1.bin: '),
    });
    server.treat((line) => (isFile(line) ? { kind: 'damage' } : { kind: 'pass' }));
    await expect(read()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/checksum/i),
    });
  });

  test('with more files than one answer lists or one request removes', async () => {
    const storage = await openNew(newPrefix());
    const paths = Array.from({ length: 1100 }, (_, index) => `data/${index}`);
    for (let done = 0; done < paths.length; done += 50) {
      await Promise.all(paths.slice(done, done + 50).map((path) => storage.writeText(path, 'x')));
    }
    expect(await listed(storage)).toEqual(paths.toSorted());
    expect(await storage.removeAll(paths)).toEqual([]);
    expect(await listed(storage)).toEqual([]);
  });
});
