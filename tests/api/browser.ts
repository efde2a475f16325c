/** Headless Chromium that notes what it was asked to fetch, what its console said, and whether a script ran. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../support/services.ts';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface Visit {
  readonly page: Page;
  readonly status: number;
  /** Every request that did not go to the server itself. */
  readonly elsewhere: readonly string[];
  readonly complaints: readonly string[];
  /** Alerts, and calls of `window.__xss`. */
  readonly scriptsRun: readonly string[];
}

export interface Browser {
  visit(url: string, options?: VisitOptions): Promise<Visit>;
  close(): Promise<void>;
}

export interface VisitOptions {
  readonly width?: number;
  readonly dark?: boolean;
  readonly javaScript?: boolean;
  readonly token?: string;
  /** What must be there before the page counts as shown. */
  readonly waitFor?: string;
}

export async function openBrowser(): Promise<Browser> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-chromium-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath() ?? '',
    args: FLAGS,
    env: { HOME: dir },
  });
  const contexts: BrowserContext[] = [];
  return {
    async visit(url, options = {}) {
      const context = await browser.newContext({
        viewport: { width: options.width ?? 1000, height: 800 },
        colorScheme: options.dark ? 'dark' : 'light',
        javaScriptEnabled: options.javaScript ?? true,
        serviceWorkers: 'block',
        ...(options.token && { httpCredentials: { username: 'me', password: options.token } }),
      });
      context.setDefaultTimeout(60_000);
      contexts.push(context);
      return await look(await context.newPage(), url, options);
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function look(page: Page, url: string, { waitFor }: VisitOptions): Promise<Visit> {
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  const scriptsRun: string[] = [];
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const address = request.url();
    if (!(address.startsWith(`${origin}/`) || address.startsWith('data:'))) elsewhere.push(address);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    scriptsRun.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('__xss', (what: string) => void scriptsRun.push(`call ${what}`));
  const response = await page.goto(url, { waitUntil: 'load' });
  if (waitFor) await page.waitForSelector(waitFor);
  return { page, status: response?.status() ?? 0, elsewhere, complaints, scriptsRun };
}
