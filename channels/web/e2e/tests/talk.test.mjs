// What a customer does, in a real browser.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { fresh as visit, launch, shots } from '../browser.mjs';
import { serve } from '../house.mjs';

let house, b;
before(async () => {
  house = await serve('-slow', '11s');
  b = await launch();
});
after(async () => {
  await b?.close();
  house?.kill();
});

const fresh = (path = '/pages/plain.html') => visit(b, house.url + path);

for (const [lang, say, hear, human] of [
  ['ko', '선물이 아직 안 와요', '따님 생일', '상담원 연결'],
  ['en', 'It is late for a birthday', "daughter's birthday", 'Talk to a person'],
]) {
  test('a conversation in ' + lang, async () => {
    const { page, w, close } = await fresh('/?lang=' + lang);
    await w.open();
    await page.locator('onki-chat .pill', { hasText: human }).waitFor();
    await w.say(say);
    await w.wait(hear);
    assert.deepEqual(await w.mineTexts(), [say]);
    await page.locator('onki-chat .src').waitFor();
    const chip = page.locator('onki-chat .chip').first();
    const label = await chip.innerText();
    await chip.click();
    await page.locator('onki-chat .mine .bubble', { hasText: label }).waitFor();
    assert.equal(await page.locator('onki-chat .chip[aria-disabled=true]').count(), 3);
    assert.equal(await page.evaluate(() => document.querySelector('onki-chat').shadowRoot.activeElement.tagName), 'TEXTAREA');
    await close();
  });
}

test('no request and no storage before the launcher is pressed', async () => {
  const { page, w, close } = await fresh();
  const calls = [];
  page.on('request', (r) => calls.push(r.url()));
  await page.reload();
  await page.waitForTimeout(400);
  assert.deepEqual(calls.filter((u) => u.includes('/v1/')), []);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await w.open();
  assert.ok(calls.some((u) => u.endsWith('/v1/session')));
  assert.ok(calls.every((u) => !/token|eyJ/.test(u)), 'a token is in an address');
  await close();
});

test('a person from the first second', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await page.locator('onki-chat [part=human]').click();
  await w.wait('A person has been called');
  await page.locator('onki-chat .sub', { hasText: 'being called' }).waitFor();
  await page.locator('onki-chat [part=human]').click({ force: true });
  await page.waitForTimeout(300);
  assert.equal((await w.mineTexts()).length, 1, 'a second press asked again');
  const thread = await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread);
  await fetch(house.url + '/test/take', { method: 'POST', body: JSON.stringify({ thread, person: 'Mina', text: 'Hello, Mina here.' }) });
  await w.wait('Hello, Mina here.');
  await page.locator('onki-chat .by', { hasText: 'Mina' }).waitFor();
  await page.locator('onki-chat .sub', { hasText: 'A person is with you' }).waitFor();
  await close();
});

test('waiting is told honestly, and a person offered', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('slow please');
  await page.locator('onki-chat .dots').waitFor();
  await page.locator('onki-chat .live', { hasText: 'looking into' }).waitFor({ timeout: 7000 });
  await page.locator('onki-chat .live .pill', { hasText: 'Talk to a person' }).waitFor({ timeout: 12000 });
  await w.wait('re: slow please');
  await page.waitForTimeout(100);
  assert.equal(await page.locator('onki-chat .live').innerText(), '');
  await close();
});

test('unread answers are counted and read on opening', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('hello');
  await page.keyboard.press('Escape');
  await page.locator('onki-chat .badge:not([hidden])').waitFor();
  assert.equal(await w.launcher.getAttribute('aria-label'), 'Open chat, unread answers: 1');
  assert.ok((await page.evaluate(() => heard)).some(([n, v]) => n === 'unread' && v === 1));
  await page.reload();
  await page.locator('onki-chat .badge:not([hidden])').waitFor();
  await w.open();
  await page.locator('onki-chat .badge[hidden]').waitFor({ state: 'attached' });
  await w.wait('re: hello');
  await close();
});

test('tone analysis can be switched off, and stays off', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await page.locator('onki-chat .switch').click();
  await page.locator('onki-chat .card', { hasText: 'plain' }).waitFor();
  const sent = page.waitForRequest((r) => r.url().endsWith('/v1/messages'));
  await w.say('hello');
  assert.deepEqual((await sent).postDataJSON().signals, { noTone: true });
  await page.reload();
  await w.open();
  assert.equal(await page.locator('onki-chat .switch').getAttribute('aria-checked'), 'false');
  await close();
});

test('a rating is asked for when it is over, and only then', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('hello');
  await w.wait('re: hello');
  assert.equal(await page.locator('onki-chat .rate').count(), 0);
  await w.say('thank you, solved');
  await page.locator('onki-chat .rate').waitFor();
  await page.locator('onki-chat .stars button').nth(3).click();
  await page.locator('onki-chat .rate', { hasText: 'Thank you' }).waitFor();
  await close();
});

test('the banner is pushed live', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await fetch(house.url + '/test/banner', { method: 'POST', body: 'Deliveries are late today.' });
  await page.locator('onki-chat .banner', { hasText: 'Deliveries are late today.' }).waitFor();
  await fetch(house.url + '/test/banner', { method: 'POST', body: '' });
  await page.locator('onki-chat .banner').waitFor({ state: 'hidden' });
  await close();
});

test('a copy of the conversation, and a file sent', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('hello');
  await w.wait('re: hello');
  await page.locator('onki-chat input[type=file]').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('tracking 123') });
  await page.locator('onki-chat .doc', { hasText: 'note.txt' }).waitFor();
  await page.locator('onki-chat input[type=file]').setInputFiles({ name: 'x.html', mimeType: 'text/html', buffer: Buffer.from('<script>1</script>') });
  await page.locator('onki-chat .live', { hasText: 'cannot be sent' }).waitFor();
  await page.locator('onki-chat .more').click();
  const saved = page.waitForEvent('download');
  await page.getByText('Download this chat').click();
  assert.equal((await saved).suggestedFilename(), 'conversation.json');
  await close();
});

test('a conversation of a thousand messages can be scrolled back to its beginning', { timeout: 60_000 }, async () => {
  const { page, w, close } = await fresh();
  await w.open();
  const thread = await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread);
  const filled = await fetch(house.url + '/test/fill', { method: 'POST', body: JSON.stringify({ thread, messages: 1000 }) });
  assert.ok(filled.ok, await filled.text());
  await page.reload();
  await w.open();
  const older = page.locator('onki-chat .earlier');
  const scroll = page.locator('onki-chat .scroll');
  let jumped = 0;
  while (await older.isVisible()) {
    const before = await scroll.evaluate((s) => ((s.scrollTop = 0), [s.querySelectorAll('.bubble').length, s.querySelector('.msg').getBoundingClientRect().top]));
    await page.evaluate(() => (window.anchor = document.querySelector('onki-chat').shadowRoot.querySelector('.msg')));
    await older.evaluate((b) => b.click());
    await page.waitForFunction((n) => document.querySelector('onki-chat').shadowRoot.querySelectorAll('.bubble').length > n, before[0]);
    jumped = Math.max(jumped, Math.abs((await page.evaluate(() => anchor.getBoundingClientRect().top)) - before[1]));
  }
  assert.ok(jumped < 60, 'what was being read jumped by ' + jumped + ' pixels');
  assert.deepEqual(await w.mineTexts(), Array.from({ length: 1000 }, (_, i) => 'line ' + i));
  await w.say('still here?');
  await w.wait('re: still here?');
  await close();
});

test('a card and a list: links lead away, choices answer once', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('show my order');
  const card = page.locator('onki-chat [part=card]');
  await card.locator('dd', { hasText: 'camping chair' }).waitFor();
  assert.deepEqual(await card.locator('dt').allInnerTexts(), ['Item', 'Status', 'Due date', 'Amount paid']);
  assert.equal(await card.locator('a').getAttribute('href'), 'tel:0212345678');
  await page.locator('onki-chat .list button', { hasText: 'Cancel it' }).click();
  await w.wait('re: Cancel it');
  await page.reload();
  await w.open();
  await card.locator('dd', { hasText: 'camping chair' }).waitFor(); // what was shown is shown again
  assert.equal(await page.locator('onki-chat .list button').count(), 0, 'an old choice can be picked');
  await close();
});

test('a form: filled in with the keyboard, errors told, sent as one message', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('exchange it');
  const form = page.locator('onki-chat .form');
  await form.waitFor();
  const focus = () => page.evaluate(() => { const e = document.querySelector('onki-chat').shadowRoot.activeElement; const id = e.getAttribute('aria-describedby')?.split(' ')[0]; return [e.labels?.[0]?.textContent, e.getAttribute('aria-invalid'), id && e.getRootNode().getElementById(id).textContent]; });
  await page.keyboard.press('Shift+Tab'); // from the box: attach, transcript …
  for (let i = 0; i < 12 && (await focus())[0] !== 'What is wrong'; i++) await page.keyboard.press('Shift+Tab');
  assert.equal((await focus())[0], 'What is wrong', 'the form is not reached with the keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.type('1042');
  await page.keyboard.press('Enter');
  assert.deepEqual(await focus(), ['What is wrong', 'true', 'Please fill this in.']);
  assert.match(await page.locator('onki-chat [role=alert]').textContent(), /What is wrong: Please fill this in/);
  await page.keyboard.type('It');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('me@');
  await page.keyboard.press('Enter');
  assert.deepEqual(await focus(), ['E-mail (optional)', 'true', 'That cannot be sent as it is. Please look at it once more.']);
  await page.keyboard.type('shop.example');
  const sent = page.waitForRequest((r) => r.url().endsWith('/v1/messages'));
  await page.keyboard.press('Enter');
  const { kind, form: id, values, text } = (await sent).postDataJSON();
  assert.deepEqual({ kind, id, values }, { kind: 'form', id: 'exchange.what', values: { problem: 'broken', order: '1042', mail: 'me@shop.example', day: '', count: '2' } });
  assert.equal(text, 'What is wrong: It is damaged\nOrder number: 1042\nE-mail: me@shop.example\nHow many: 2');
  await w.wait('re: What is wrong: It is damaged');
  assert.equal(await form.count(), 0, 'a form that was sent is still there');
  assert.equal((await w.mineTexts()).length, 2);
  await close();
});

test('without the second style sheet everything is there', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html', (p) => p.route('**/widget.css', (r) => r.fulfill({ body: '.panel{display:none!important}', contentType: 'text/css', headers: { 'access-control-allow-origin': '*' } })));
  await w.open();
  await w.say('exchange it');
  await page.locator('onki-chat .form select').selectOption('broken');
  assert.equal(await page.evaluate(() => document.querySelector('onki-chat').shadowRoot.adoptedStyleSheets.length), 1, 'a sheet with another hash was taken');
  await close();
});

test('a page that swaps its body keeps the conversation', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('before the swap');
  await w.wait('re: before the swap');
  await page.evaluate(() => document.body.replaceWith(document.createElement('body')));
  await w.wait('re: before the swap');
  await w.say('after the swap');
  await w.wait('re: after the swap');
  assert.equal(await page.locator('onki-chat').count(), 1);
  await close();
});

test('everything deleted at the customer\'s wish', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.say('something private');
  await w.wait('re: something private');
  const before = await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread);
  await page.locator('onki-chat .more').click();
  await page.getByText('Delete this chat').click();
  await page.locator('onki-chat .danger').click();
  await page.locator('onki-chat .live', { hasText: 'deleted' }).waitFor();
  assert.equal((await w.mineTexts()).length, 0);
  assert.notEqual(await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread), before);
  await w.say('a new beginning');
  await w.wait('re: a new beginning');
  assert.deepEqual(await w.mineTexts(), ['a new beginning']);
  await close();
});

test('going on in another app: a dialog with the focus in it, and back', async () => {
  const { page, w, close } = await fresh();
  const focus = () => page.evaluate(() => document.querySelector('onki-chat').shadowRoot.activeElement?.textContent || document.querySelector('onki-chat').shadowRoot.activeElement?.tagName);
  await w.open();
  await page.locator('onki-chat .more').click();
  await page.getByText('Go on in Telegram').click();
  const dialog = page.locator('onki-chat [role=alertdialog]');
  await dialog.waitFor();
  assert.equal(await focus(), 'Stay here');
  const link = dialog.locator('a', { hasText: 'Open Telegram' });
  assert.match(await link.getAttribute('href'), /^https:\/\/t\.me\/haneul_care_bot\?start=\w+$/);
  await page.screenshot({ path: shots + 'link.png' });
  await page.keyboard.press('Escape');
  assert.equal(await dialog.count(), 0);
  assert.ok(await w.panel.isVisible(), 'Escape closed more than the dialog');
  assert.equal(await focus(), 'TEXTAREA');
  await page.locator('onki-chat .more').click();
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.querySelector('onki-chat').shadowRoot.activeElement.getAttribute('aria-label')), 'More');
  await close();
});

test('letters are counted as people count them', async () => {
  const { page, w, close } = await fresh();
  await w.open();
  await w.box.fill('👍🏽'.repeat(1900)); // each of two code points, four units
  assert.equal(await page.locator('onki-chat .hint').innerText(), '100 characters left');
  await w.box.fill('각'.normalize('NFD').repeat(2001)); // each of three jamo
  assert.equal(await page.locator('onki-chat .hint').innerText(), 'That is too long. Please shorten it by 1 characters.');
  await w.box.press('Enter');
  assert.equal((await w.mineTexts()).length, 0);
  await close();
});

test('the JS API', async () => {
  const { page, w, close } = await fresh();
  await page.evaluate(() => Onki('compose', 'about my order'));
  assert.equal(await w.box.inputValue(), 'about my order');
  await page.evaluate(() => Onki('close'));
  await w.panel.waitFor({ state: 'hidden' });
  await page.evaluate(() => (Onki('context', { order: 'A-1', secret: 'x' }), Onki('send', 'hello api')));
  await w.wait('re: hello api');
  await page.evaluate(() => Onki('theme', 'dark'));
  await page.locator('onki-chat .root.dark').waitFor({ state: 'attached' });
  await page.evaluate(() => Onki('lang', 'ko')); // it stays open
  await page.locator('onki-chat [part=human]', { hasText: '상담원 연결' }).waitFor();
  assert.match(await page.evaluate(() => { try { Onki('dance'); return ''; } catch (e) { return e.message; } }), /dance/);
  const before = await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread);
  await page.evaluate(() => Onki('reset'));
  await page.waitForFunction(() => document.querySelector('onki-chat').chat.link?.up);
  assert.notEqual(await page.evaluate(() => document.querySelector('onki-chat').chat.link.session.thread), before);
  await page.evaluate(() => Onki('shutdown'));
  assert.equal(await page.locator('onki-chat').count(), 0);
  await close();
});
