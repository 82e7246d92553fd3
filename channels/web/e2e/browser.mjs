// A Chromium for the tests, and the few words they speak with the widget.
import { chromium } from 'playwright-core';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const shots = new URL('./artifacts/', import.meta.url).pathname;
mkdirSync(shots, { recursive: true });

const program = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));

export async function launch(options = {}) {
  if (!program) throw new Error('no Chromium: install it or set CHROMIUM to its path');
  const home = mkdtempSync(join(tmpdir(), 'onki-e2e-'));
  const context = await chromium.launchPersistentContext(home, {
    executablePath: program,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    viewport: { width: 1280, height: 860 },
    ...options,
  });
  context.setDefaultTimeout(8000);
  return { context, page: context.pages()[0] || (await context.newPage()), close: async () => (await context.close(), rmSync(home, { recursive: true, force: true })) };
}

/** widget reads and drives the chat inside its shadow root. */
export const widget = (page) => ({
  page,
  launcher: page.locator('onki-chat .launcher'),
  panel: page.locator('onki-chat .panel'),
  box: page.locator('onki-chat textarea'),
  bubbles: page.locator('onki-chat .bubble'),
  mine: page.locator('onki-chat .mine .bubble'),
  async open() {
    await this.launcher.click();
    await this.box.waitFor();
    await page.waitForFunction(() => document.querySelector('onki-chat')?.chat?.link?.up);
  },
  async say(text) {
    await this.box.fill(text);
    await this.box.press('Enter');
  },
  texts: () => page.locator('onki-chat .msg:not(.mine) .bubble').allInnerTexts(),
  mineTexts: () => page.locator('onki-chat .mine .bubble').allInnerTexts(),
  wait: (text) => page.locator('onki-chat .bubble', { hasText: text }).last().waitFor(),
});

/** fresh opens a page as somebody who was never there. */
export async function fresh(b, url, before) {
  const page = await b.context.newPage();
  if (before) await before(page);
  await page.goto(new URL('/pages/stub.js', url).href); // a place of the same origin without a chat
  await page.evaluate(() => localStorage.clear());
  await page.goto(url);
  return { page, w: widget(page), close: () => page.close() };
}
