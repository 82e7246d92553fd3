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

test('storage full: what is written reaches us, also over a cut', async () => {
  const { page, w, close } = await visit(b, line.url + '/pages/plain.html');
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  await page.reload();
  await w.open();
  await w.say('first');
  await w.wait('re: first');
  line.cut();
  await w.say('second');
  await page.locator('onki-chat .meta', { hasText: 'Waiting for connection' }).waitFor();
  line.mend();
  await w.wait('re: second');
  assert.deepEqual(await w.mineTexts(), ['first', 'second']);
  await close();
});

for (const [name, days] of [['ahead', 400], ['behind', -400]]) {
  test(`a clock that is far ${name}`, async () => {
    const { page, w, close } = await visit(b, line.url + '/pages/plain.html', (p) =>
      p.addInitScript((ms) => {
        const { now } = Date;
        const Real = Date;
        window.Date = class extends Real {
          constructor(...a) { a.length ? super(...a) : super(now() + ms); }
          static now() { return now() + ms; }
        };
      }, days * 864e5),
    );
    await w.open();
    for (const text of ['one', 'two']) {
      await w.say(text);
      await w.wait('re: ' + text);
    }
    line.drop();
    await w.say('three');
    await w.wait('re: three');
    assert.deepEqual(await w.mineTexts(), ['one', 'two', 'three']);
    assert.equal((await w.texts()).filter((t) => t.startsWith('re: ')).join('\n').split('re: ').length - 1, 3, 'an answer is missing or there twice');
    await close();
  });
}

test('too fast: told to wait, everything arrives once and in order', async () => {
  let refused = 0;
  const { page, w, close } = await visit(b, line.url + '/pages/plain.html', (p) =>
    p.route('**/v1/messages', (r) => {
      if (r.request().method() !== 'POST' || ++refused > 3) return r.continue();
      return r.fulfill({ status: 429, headers: { 'Retry-After': '1', 'Access-Control-Expose-Headers': 'Retry-After' }, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:onki:problem:rate', title: 'Please wait a moment.', status: 429 }) });
    }),
  );
  await w.open();
  const said = ['a', 'b', 'c', 'd'].map((x) => 'flood ' + x);
  for (const text of said) await w.say(text);
  await w.wait('re: flood a');
  await page.waitForFunction(() => !document.querySelector('onki-chat').chat.store.outbox.length);
  assert.ok(refused > 3);
  assert.deepEqual(await w.mineTexts(), said);
  assert.equal(await page.locator('onki-chat .meta.bad').count(), 0, 'a message that only had to wait is shown as failed');
  await close();
});

test('a frame on another site, with the storage of third parties blocked', async (t) => {
  const strict = await launch({ args: ['--no-sandbox', '--disable-gpu', '--test-third-party-cookie-phaseout', '--disable-features=LocalNetworkAccessChecks'] });
  const shop = line.url.replace('127.0.0.1', 'localhost'); // another site than the chat's
  t.after(() => strict.close());
  await strict.page.route(shop + '/pages/frame.html', (r) => r.fulfill({ contentType: 'text/html', body: `<!doctype html><title>shop</title><iframe title="chat" width="400" height="600" src="${line.url}/chat/haneul-market?lang=en"></iframe><iframe title="none" width="400" height="600" src="${line.url}/chat/haneul-market?lang=en&none"></iframe>` }));
  await strict.context.addInitScript(() => {
    if (!location.search.includes('none')) return;
    Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('blocked', 'SecurityError'); } });
  });
  await strict.page.goto(shop + '/pages/frame.html');
  for (const title of ['chat', 'none']) {
    const f = strict.page.frameLocator(`iframe[title=${title}]`);
    await f.locator('onki-chat textarea').fill('from a frame ' + title);
    await f.locator('onki-chat .send').click();
    await f.locator('onki-chat .bubble', { hasText: 're: from a frame ' + title }).waitFor();
  }
});
