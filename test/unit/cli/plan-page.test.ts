// The page of a plan in a real browser: it opens by itself, fits, and can be read, in the light and in the dark.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { renderPlanHtml } from '../../../src/cli/reports/html/plan-html.ts';
import { noBrowser, startBrowser, type TestBrowser } from '../../support/fakes/browser.ts';
import type {} from '../../support/fakes/page-elements.ts';
import {
  harmfulGraph,
  harmfulPlan,
  manyDrops,
  manyDropsGraph,
} from '../../support/plans/large-plans.ts';
import { documentedGraph, richGraph } from '../../support/plans/plan-graphs.ts';
import { plan } from '../../support/plans/plans.ts';
import { documentedPlan, richPlan } from '../../support/plans/sample-plans.ts';

const pages = {
  documented: () => renderPlanHtml(documentedPlan(), documentedGraph),
  rich: () => renderPlanHtml(richPlan(), richGraph),
  unchanged: () => renderPlanHtml(plan(), documentedGraph),
  harmful: () => renderPlanHtml(harmfulPlan(), harmfulGraph),
  large: () => renderPlanHtml(manyDrops(1000), manyDropsGraph(1000)),
};

type PageName = keyof typeof pages;
const names = Object.keys(pages) as readonly PageName[];
const small = names.filter((name) => name !== 'large');

let started: TestBrowser;
let folder: string;

const minute = 60_000;

describe.skipIf(noBrowser !== null)(
  `a plan in a browser${noBrowser === null ? '' : `: ${noBrowser}`}`,
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'steep-pages-'));
      await Promise.all(names.map((name) => writeFile(fileOf(name), pages[name]())));
      started = await startBrowser();
    }, 3 * minute);

    afterAll(async () => {
      await started?.close();
      await rm(folder, { recursive: true, force: true });
    }, minute);

    test.each(names)('%s: asks for nothing but itself, and nothing complains', async (name) => {
      const { page, requests, complaints } = await open(name);
      expect(requests).toEqual([urlOf(name)]);
      expect(complaints).toEqual([]);
      expect(await page.locator('h1').count()).toBe(1);
    });

    test('the policy of the page stops what would load or run', async () => {
      const { page, complaints } = await open('documented');
      const server = await listen();
      const ran = await page.locator('body').evaluate(async (body, address) => {
        const { ownerDocument: document } = body;
        const script = document.createElement('script');
        script.textContent = 'document.title = "ran"';
        const image = document.createElement('img');
        const settled = new Promise((resolve) => image.addEventListener('error', resolve));
        image.src = address;
        body.append(script, image);
        await settled;
        return document.title === 'ran';
      }, server.address);
      expect(ran).toBe(false);
      expect(server.visits()).toBe(0);
      expect(complaints.join('\n')).toMatch(/Content Security Policy/);
    });

    test('has the headings, the cards and the rows of its plan', async () => {
      const { page } = await open('documented');
      expect(await page.locator('h2').allTextContents()).toEqual([
        'Destructive or dangerous',
        'Topology',
        'Changes',
        'Warnings and notices',
        'Steps',
      ]);
      expect(await page.locator('#changes h3').allTextContents()).toEqual([
        'Node primary 10.0.0.4:5432/app, PostgreSQL 16.9',
        'Node reporting 10.0.1.9:5432/app, PostgreSQL 17.5',
      ]);
      expect(await page.locator('#dangers article').count()).toBe(1);
      expect(await page.locator('#changes .changes > li').count()).toBe(3);
      expect(await page.locator('#changes tbody tr').count()).toBe(1);
      expect(await page.locator('#steps tbody tr').count()).toBe(5);
      expect(await page.locator('.last').textContent()).toMatch(
        /^Plan: 0 to create, 2 to change, /,
      );
    });

    test('the statements unfold by a click, and all of them on paper', async () => {
      const { page } = await open('documented');
      const statement = page.locator('#steps pre').first();
      expect(await statement.isVisible()).toBe(false);
      await page.locator('#steps summary').first().click();
      expect(await statement.isVisible()).toBe(true);
      await page.emulateMedia({ media: 'print' });
      const heights = await page
        .locator('#steps pre')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      expect(Math.min(...heights)).toBeGreaterThan(10);
    });

    test.each(small)('%s: the drawing is there, and its text is inside', async (name) => {
      const { page } = await open(name);
      const box = await page.locator('figure svg').boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      expect(box?.height).toBeGreaterThan(60);
      const outside = await page.locator('figure svg g').evaluateAll((groups) =>
        groups.flatMap((group) => {
          const rect = group.querySelector('rect')?.getBoundingClientRect();
          return [...group.querySelectorAll('text')].flatMap((text) => {
            const { left, right } = text.getBoundingClientRect();
            return rect !== undefined && left >= rect.left && right <= rect.right
              ? []
              : [text.textContent];
          });
        }),
      );
      expect(outside).toEqual([]);
    });

    test.each(small.flatMap((name) => [1280, 390].map((width) => [name, width] as const)))(
      '%s: nothing overflows at %i px',
      async (name, width) => {
        const { page } = await open(name, { width });
        const overflowing = await page.locator('body *').evaluateAll(
          (all, right) =>
            all
              .filter((it) => it.closest('.scroll')?.contains(it.parentElement) !== true)
              .filter((it) => it.getBoundingClientRect().right > right)
              .map((it) => it.outerHTML.slice(0, 200)),
          width,
        );
        expect(overflowing).toEqual([]);
        expect(await page.locator('html').evaluate((root) => root.scrollWidth)).toBe(width);
      },
    );

    test.each(
      small.flatMap((name) => (['light', 'dark'] as const).map((it) => [name, it] as const)),
    )('%s: can be read by everybody, %s', async (name, colorScheme) => {
      const { page } = await open(name, { colorScheme });
      await page.locator('details').evaluateAll((all) => {
        for (const each of all) each.setAttribute('open', '');
      });
      expect(await faultsOf(page)).toEqual([]);
    });

    test('the dark is dark, and paper is white', async () => {
      const { page } = await open('documented', { colorScheme: 'dark' });
      const ground = () =>
        page
          .locator('body')
          .evaluate(
            (body) => body.ownerDocument.defaultView?.getComputedStyle(body).backgroundColor,
          );
      expect(await ground()).toBe('rgb(13, 17, 23)');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await ground()).toBe('rgb(255, 255, 255)');
    });

    test('a thousand resources are all there', async () => {
      const { page } = await open('large', { width: 390 });
      expect(await page.locator('html').evaluate((root) => root.scrollWidth)).toBe(390);
      expect(await page.locator('figure svg g').count()).toBe(1002);
      expect(await page.locator('#dangers article').count()).toBe(1000);
      expect(await page.locator('#steps tbody tr').count()).toBe(1000);
      expect(await page.locator('.last').textContent()).toContain('1000 dangers');
    });
  },
);

const fileOf = (name: PageName): string => join(folder, `${name}.html`);
const urlOf = (name: PageName): string => pathToFileURL(fileOf(name)).href;

interface Opened {
  readonly page: Page;
  /** Every address that the browser asked for. */
  readonly requests: readonly string[];
  /** What is in the console, and errors of scripts. */
  readonly complaints: readonly string[];
}

async function open(
  name: PageName,
  look: { readonly width?: number; readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<Opened> {
  const { width = 1280, colorScheme = 'light' } = look;
  const page = await started.browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  onTestFinished(() => page.close());
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(urlOf(name));
  return { page, requests, complaints };
}

/** What axe finds: contrast below 4.5, headings out of order, tables without heads, missing names. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { readonly axe: typeof axe }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** A server that counts who comes. */
async function listen(): Promise<{ readonly address: string; visits(): number }> {
  let visits = 0;
  const server = createServer((_, response) => {
    visits += 1;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/x.png`, visits: () => visits };
}
