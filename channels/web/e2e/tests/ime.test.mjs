// The Enter key while letters are being composed, by the browser's own input
// method events.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { fresh as visit, launch } from '../browser.mjs';
import { serve } from '../house.mjs';

let house, b;
before(async () => {
  house = await serve();
  b = await launch();
});
after(async () => {
  await b?.close();
  house?.kill();
});

const enter = { windowsVirtualKeyCode: 229, code: 'Enter', key: 'Enter' };
async function typist(page) {
  const cdp = await page.context().newCDPSession(page);
  return {
    compose: (text) => cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
    commit: (text) => cdp.send('Input.insertText', { text }),
    // Enter as an input method lets it through: key code 229 while composing
    composingEnter: async () => {
      await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
      await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    },
  };
}

test('Korean: one Enter sends once and whole', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  const t = await typist(page);
  await t.commit('안녕하세');
  await t.compose('ㅇ');
  await t.compose('요');
  await t.composingEnter();
  await page.locator('onki-chat .mine .bubble').first().waitFor();
  await page.waitForTimeout(400);
  assert.deepEqual(await w.mineTexts(), ['안녕하세요']);
  assert.equal(await w.box.inputValue(), '');
  await w.say('다음');
  await w.wait('re: 다음');
  assert.deepEqual(await w.mineTexts(), ['안녕하세요', '다음']);
  await close();
});

test('Korean: an Enter that follows the end of composition sends nothing more', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  const t = await typist(page);
  await t.commit('감사합니');
  await t.compose('다');
  await t.composingEnter();
  await page.keyboard.press('Enter'); // some systems send a second, plain one
  await page.waitForTimeout(400);
  assert.deepEqual(await w.mineTexts(), ['감사합니다']);
  assert.equal(await w.box.inputValue(), '');
  await close();
});

test('Japanese: Enter chooses a candidate, the next one sends', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  const t = await typist(page);
  await t.compose('にほん');
  await t.compose('日本');
  await t.composingEnter();
  await page.waitForTimeout(200);
  assert.equal((await w.mineTexts()).length, 0, 'choosing a candidate sent the message');
  await t.commit('日本');
  await page.keyboard.press('Enter');
  await page.locator('onki-chat .mine .bubble').waitFor();
  assert.deepEqual(await w.mineTexts(), ['日本']);
  await close();
});

test('Shift and Enter makes a new line', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  await w.box.pressSequentially('a');
  await page.keyboard.press('Shift+Enter');
  await w.box.pressSequentially('b');
  await page.keyboard.press('Enter');
  await page.locator('onki-chat .mine .bubble').waitFor();
  assert.equal(await page.evaluate(() => document.querySelector('onki-chat').shadowRoot.querySelector('.mine .bubble').textContent), 'a\nb');
  await close();
});

test('graphemes are counted, and a text too long is not lost', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  await w.box.fill('가'.repeat(2003));
  await page.locator('onki-chat .hint.bad', { hasText: '3' }).waitFor();
  await w.box.press('Enter');
  await page.waitForTimeout(200);
  assert.equal((await w.mineTexts()).length, 0);
  assert.equal((await w.box.inputValue()).length, 2003);
  await close();
});

test('Korean in a field of a form: one Enter sends the form once and whole', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  await w.say('exchange it');
  const form = page.locator('onki-chat .form');
  await form.locator('select').selectOption('size');
  await form.locator('input').first().focus();
  const t = await typist(page);
  await t.commit('하늘');
  await t.compose('색');
  await t.composingEnter();
  await page.locator('onki-chat .mine .bubble', { hasText: 'Order number' }).waitFor();
  await page.waitForTimeout(400);
  assert.deepEqual(await w.mineTexts(), ['exchange it', 'What is wrong: Another size\nOrder number: 하늘색\nHow many: 2']);
  await close();
});

test('Japanese in a field of a form: Enter takes the candidate and sends nothing', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  await w.say('exchange it');
  const form = page.locator('onki-chat .form');
  await form.locator('input').first().focus();
  const t = await typist(page);
  await t.compose('にほん');
  await t.compose('日本');
  await t.composingEnter();
  await t.commit('日本');
  await page.waitForTimeout(300);
  assert.equal(await form.locator('input').first().inputValue(), '日本');
  assert.deepEqual(await w.mineTexts(), ['exchange it']);
  await close();
});
