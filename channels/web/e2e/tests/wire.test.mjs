// Nothing lost, nothing twice, in order: over a wire that is cut.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { fresh as visit, launch, widget } from '../browser.mjs';
import { serve, wire } from '../house.mjs';

let house, line, b;
before(async () => {
  house = await serve('-slow', '1500ms');
  line = await wire(house.port);
  b = await launch();
});
after(async () => {
  await b?.close();
  line?.close();
  house?.kill();
});
const fresh = () => visit(b, line.url + '/pages/plain.html');

test('a connection dropped again and again', async () => {
  const { w, close } = await fresh();
  await w.open();
  const said = [];
  for (let i = 0; i < 8; i++) {
    said.push('message ' + i);
    await w.say('message ' + i);
    if (i % 2) line.drop();
  }
  await w.wait('re: message 7');
  assert.deepEqual(await w.mineTexts(), said);
  const heard = (await w.texts()).slice(1).join('\n');
  for (const s of said) assert.equal(heard.split(s).length - 1, 1, s + ' was answered in: ' + heard);
  await close();
});

test('written while nothing gets through, sent once when it does', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('before');
  await w.wait('re: before');
  line.cut();
  await w.say('offline one');
  await w.say('offline two');
  await page.locator('onki-chat .meta', { hasText: 'Waiting for connection' }).first().waitFor();
  await page.goto('about:blank');
  line.mend();
  await page.goto(line.url + '/pages/plain.html'); // even the page was left
  await w.open();
  await w.wait('re: offline');
  await page.waitForTimeout(800);
  assert.deepEqual(await w.mineTexts(), ['before', 'offline one', 'offline two']);
  assert.equal(await page.locator('onki-chat .meta', { hasText: 'Waiting' }).count(), 0);
  await close();
});

test('offline is noticed at once and told', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await b.context.setOffline(true);
  await page.locator('onki-chat .live', { hasText: 'You are offline' }).waitFor();
  await w.say('afterwards');
  await b.context.setOffline(false);
  await w.wait('re: afterwards');
  assert.deepEqual(await w.mineTexts(), ['afterwards']);
  await close();
});

test('cut in the middle of an answer', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('slow question');
  await page.locator('onki-chat .dots').waitFor();
  line.cut();
  await page.waitForTimeout(2500); // the answer is made meanwhile
  line.mend();
  await w.wait('re: slow question');
  await page.waitForTimeout(300);
  assert.equal((await w.texts()).filter((t) => t === 're: slow question').length, 1);
  await close();
});

test('three tabs share one stream, and hear the same', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  const tabs = [w];
  for (let i = 0; i < 2; i++) {
    const p = await b.context.newPage();
    await p.goto(line.url + '/pages/plain.html');
    const t = widget(p);
    await t.open();
    tabs.push(t);
  }
  const streams = async () => {
    let n = 0;
    for (const t of tabs) n += await t.page.evaluate(() => performance.getEntriesByType('resource').length && (document.querySelector('onki-chat').chat.link.leading ? 1 : 0));
    return n;
  };
  assert.equal(await streams(), 1);
  await tabs[2].say('from the third');
  for (const t of tabs) await t.wait('re: from the third');
  await tabs[0].page.close(); // the one that holds the stream
  tabs.shift();
  await tabs[1].say('after the first is gone');
  for (const t of tabs) await t.wait('re: after the first is gone');
  assert.equal(await streams(), 1);
  for (const t of tabs) assert.deepEqual(await t.mineTexts(), ['from the third', 'after the first is gone']);
  await Promise.all(tabs.map((t) => t.page.close()));
  void page, close;
});

test('another history: the server came back with an empty ledger', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('first life');
  await w.wait('re: first life');
  house.kill('SIGKILL');
  line.cut();
  await w.say('second life');
  house = await serve();
  line.mend(house.port);
  await w.wait('re: second life');
  await page.waitForTimeout(300);
  assert.deepEqual(await w.mineTexts(), ['second life']); // what the ledger has, and what was still to be sent
  await close();
});

test('a proxy that holds streams back: long poll after four failures', async () => {
  const { page, w, close } = await visit(b, line.url + '/pages/plain.html', (p) => p.route('**/v1/events', (r) => r.abort()));
  await w.launcher.click();
  await page.waitForRequest((r) => r.url().includes('/v1/events?wait='), { timeout: 20000 });
  await w.say('through the poll');
  await w.wait('re: through the poll');
  await close();
});

test('storage blocked: it works and forgets', async () => {
  const { page, w, close } = await visit(b, line.url + '/pages/plain.html');
  await page.addInitScript(() => {
    for (const n of ['getItem', 'setItem', 'removeItem']) Storage.prototype[n] = () => { throw new DOMException('blocked', 'SecurityError'); };
  });
  await page.reload();
  await w.open();
  await w.say('no storage');
  await w.wait('re: no storage');
  await close();
});
