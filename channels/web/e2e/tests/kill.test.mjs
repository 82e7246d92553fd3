// The real server with its durable ledger, killed while customers write and
// while answers are made: nothing is lost, nothing is shown twice.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fresh as visit, launch } from '../browser.mjs';
import { real, wire } from '../house.mjs';

let house, line, b, dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'onki-kill-'));
  house = await real('sqlite:' + join(dir, 'onki.db'));
  line = await wire(house.port);
  b = await launch();
});
after(async () => {
  await b?.close();
  line?.close();
  house?.kill();
  rmSync(dir, { recursive: true, force: true });
});

async function restart() {
  line.cut();
  house.kill('SIGKILL');
  house = await real('sqlite:' + join(dir, 'onki.db'));
  line.mend(house.port);
}

test('killed again and again in the middle of a conversation', { timeout: 120_000 }, async () => {
  const { page, w, close } = await visit(b, line.url + '/?lang=ko');
  await w.open();
  const said = [];
  for (let i = 0; i < 5; i++) {
    const text = '주문번호는 A-' + (1000 + i) + ' 이에요';
    said.push(text);
    await w.say(text);
    if (i % 2) await page.waitForTimeout(20 * i); // at another step each time
    await restart();
  }
  // every message is answered: the last event of the ledger is not ours
  await page.waitForFunction(() => {
    const { chat } = document.querySelector('onki-chat');
    const items = [...chat.f.scroll.querySelectorAll('.msg')];
    return chat.store.outbox.length === 0 && chat.link.up && !items.at(-1).classList.contains('mine');
  }, null, { timeout: 30_000 });
  assert.deepEqual(await w.mineTexts(), said);
  const ledger = await page.evaluate(() => document.querySelector('onki-chat').chat.link.call('GET', '/v1/me/export'));
  const kept = ledger.events.filter((e) => e.kind === 'message').map((e) => e.text);
  assert.deepEqual(kept, said, 'what the ledger has');
  const replies = ledger.events.filter((e) => e.kind === 'reply').flatMap((e) => e.parts.map((p) => p.text).filter(Boolean));
  const greeting = 1;
  assert.equal((await w.texts()).length - greeting, replies.length, 'bubbles shown against parts in the ledger');
  const ids = ledger.events.filter((e) => e.kind === 'reply').map((e) => e.id);
  assert.equal(new Set(ids).size, ids.length, 'a message was answered twice');
  await page.reload();
  await w.open();
  await page.waitForFunction((n) => document.querySelector('onki-chat').shadowRoot.querySelectorAll('.mine .bubble').length === n, said.length);
  assert.deepEqual(await w.mineTexts(), said);
  await close();
});

test('a planned restart: told to go, it says when to come back', { timeout: 60_000 }, async () => {
  const { page, w, close } = await visit(b, line.url + '/?lang=en');
  await w.open();
  await w.say('When do I get my refund?');
  await page.locator('onki-chat .msg:not(.mine) .meta').first().waitFor();
  const gone = new Promise((r) => house.process.once('exit', r));
  house.kill('SIGTERM');
  assert.equal(await gone, 0, 'it did not end by itself');
  house = await real('sqlite:' + join(dir, 'onki.db'));
  line.mend(house.port);
  await w.say('Thank you');
  await page.waitForFunction(() => {
    const { chat } = document.querySelector('onki-chat');
    return chat.store.outbox.length === 0 && ![...chat.f.scroll.querySelectorAll('.msg')].at(-1).classList.contains('mine');
  }, null, { timeout: 20_000 });
  assert.deepEqual(await w.mineTexts(), ['When do I get my refund?', 'Thank you']);
  await close();
});
