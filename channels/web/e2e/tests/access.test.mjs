// For everyone: axe, keyboard, 320 pixels, large text, no motion, live region.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { fresh as visit, launch, shots } from '../browser.mjs';
import { serve } from '../house.mjs';

let house, b;
before(async () => {
  house = await serve('-slow', '4s');
  b = await launch();
});
after(async () => {
  await b?.close();
  house?.kill();
});

async function axe(page, where) {
  await page.addScriptTag({ url: house.url + '/axe.js' });
  const r = await page.evaluate(async () => {
    const r = await window.axe.run('onki-chat', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message || '')).join(' | '));
  });
  assert.deepEqual(r, [], where);
}

for (const theme of ['light', 'dark']) {
  for (const lang of ['ko', 'en']) {
    test(`axe finds nothing, ${theme}, ${lang}`, async () => {
      const { page, w, close } = await visit(b, house.url + '/?lang=' + lang, (p) => p.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' }));
      await axe(page, 'closed');
      await w.open();
      await axe(page, 'open');
      await w.say('slow');
      await page.locator('onki-chat .dots').waitFor();
      await axe(page, 'typing');
      await page.locator('onki-chat .live', { hasText: lang === 'ko' ? '살펴보며' : 'looking into' }).waitFor();
      await axe(page, 'waiting');
      await w.wait('re: slow');
      await w.say(lang === 'ko' ? '선물이 늦어요' : 'it is late');
      await page.locator('onki-chat .chip').first().waitFor();
      await axe(page, 'answer with choices');
      await page.screenshot({ path: `${shots}axe-${theme}-${lang}.png` });
      await page.locator('onki-chat .chip').first().click();
      await page.waitForTimeout(300);
      await axe(page, 'choice made');
      await w.say(lang === 'ko' ? '주문 보여 주세요' : 'show my order');
      await page.locator('onki-chat .list').waitFor();
      await axe(page, 'card and list');
      await page.screenshot({ path: `${shots}axe-${theme}-${lang}-card.png` });
      await w.say(lang === 'ko' ? '교환하고 싶어요' : 'exchange it');
      await page.locator('onki-chat .form').waitFor();
      await axe(page, 'form');
      await page.locator('onki-chat .form .pill').click();
      await page.locator('onki-chat .wrong:not(:empty)').first().waitFor();
      await axe(page, 'form with errors');
      await page.screenshot({ path: `${shots}axe-${theme}-${lang}-form.png` });
      await w.say(lang === 'ko' ? '죽고 싶어요' : 'I want to kill myself');
      await page.locator('onki-chat .care').waitFor();
      await axe(page, 'safety');
      await w.say(lang === 'ko' ? '고마워요' : 'thank you');
      await page.locator('onki-chat .rate').waitFor();
      await axe(page, 'rating');
      await page.route('**/v1/messages', (r) => r.fulfill({ status: 413, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:onki:problem:text-too-long', title: lang === 'ko' ? '글이 너무 깁니다.' : 'Too long.', status: 413 }) }));
      await w.say('refused');
      await page.locator('onki-chat .meta.bad').waitFor();
      await fetch(house.url + '/test/banner', { method: 'POST', body: 'Notice' });
      await page.locator('onki-chat .banner:not([hidden])').waitFor();
      await axe(page, 'error and banner');
      await page.screenshot({ path: `${shots}axe-${theme}-${lang}-error.png` });
      await fetch(house.url + '/test/banner', { method: 'POST', body: '' });
      await page.locator('onki-chat .more').click();
      await axe(page, 'menu');
      await close();
    });
  }
}

test('with the keyboard alone', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  const focus = () => page.evaluate(() => { const e = document.querySelector('onki-chat').shadowRoot.activeElement; return e && (e.getAttribute('part') || e.getAttribute('aria-label') || e.className); });
  await page.locator('#mine').focus();
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'launcher');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('onki-chat').chat.link?.up);
  assert.equal(await focus(), 'input');
  await page.keyboard.type('it is late');
  await page.keyboard.press('Enter');
  await page.locator('onki-chat .chip').first().waitFor();
  assert.equal(await focus(), 'input', 'an arriving answer moved the focus');
  const order = [];
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press('Shift+Tab');
    order.push(await focus());
  }
  for (const part of ['chip', 'transcript', 'human']) assert.ok(order.includes(part), part + ' is not reached: ' + order);
  await page.keyboard.press('Escape');
  assert.equal(await focus(), 'launcher');
  await w.panel.waitFor({ state: 'hidden' });
  await close();
});

test('what screen readers are told', async () => {
  const { page, w, close } = await visit(b, house.url + '/pages/plain.html');
  await w.open();
  await page.evaluate(() => {
    window.told = [];
    new MutationObserver((l) => l.forEach((m) => m.addedNodes.forEach((n) => told.push(n.textContent)))).observe(document.querySelector('onki-chat').shadowRoot.querySelector('[role=log]'), { childList: true });
  });
  await w.say('two bubbles please');
  await w.wait('second bubble');
  await page.waitForTimeout(1400);
  assert.deepEqual(await page.evaluate(() => told), ['AI assistant: first bubble second bubble']);
  assert.equal(await page.locator('onki-chat [role=log] > *').count(), 0, 'the announcement stays and would be read again');
  assert.equal(await page.locator('onki-chat .scroll').getAttribute('aria-live'), null);
  await close();
});

test('a phone: the whole screen, focus kept inside, Enter is a new line', async () => {
  const phone = await launch({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  const { page, w, close } = await visit(phone, house.url + '/?lang=ko');
  await w.launcher.tap();
  await page.waitForFunction(() => document.querySelector('onki-chat').chat.link?.up);
  assert.equal(await w.panel.getAttribute('aria-modal'), 'true');
  await w.box.fill('선물이 늦어요');
  await w.box.press('Enter');
  assert.equal((await w.mineTexts()).length, 0);
  await page.locator('onki-chat .send').tap();
  await page.locator('onki-chat .chip').first().waitFor();
  const wide = await page.evaluate(() => {
    const r = document.querySelector('onki-chat').shadowRoot;
    return { page: document.documentElement.scrollWidth, scroll: r.querySelector('.scroll').scrollWidth - r.querySelector('.scroll').clientWidth, panel: r.querySelector('.panel').getBoundingClientRect().width };
  });
  assert.deepEqual(wide, { page: 320, scroll: 0, panel: 320 });
  for (let i = 0; i < 14; i++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.tagName === 'ONKI-CHAT'), 'the focus left the open chat');
  }
  const small = await page.evaluate(() => [...document.querySelector('onki-chat').shadowRoot.querySelectorAll('button,a')].filter((e) => e.offsetParent && (e.getBoundingClientRect().width < 24 || e.getBoundingClientRect().height < 24)).map((e) => e.className || e.textContent));
  assert.deepEqual(small, [], 'targets smaller than 24 pixels');
  await page.screenshot({ path: shots + 'phone-320.png' });
  await close();
  await phone.close();
});

test('text at 200 %, and no motion when none is wanted', async () => {
  const { page, w, close } = await visit(b, house.url + '/?lang=ko', (p) => p.emulateMedia({ reducedMotion: 'reduce' }));
  await page.evaluate(() => document.querySelector('onki-chat').style.setProperty('--onki-size', '30px'));
  await w.open();
  await w.say('선물이 늦어요');
  await page.locator('onki-chat .chip').first().waitFor();
  const r = await page.evaluate(() => {
    const s = document.querySelector('onki-chat').shadowRoot.querySelector('.scroll');
    const moving = document.querySelector('onki-chat').shadowRoot.getAnimations().length;
    return { over: s.scrollWidth - s.clientWidth, moving };
  });
  assert.deepEqual(r, { over: 0, moving: 0 });
  await page.screenshot({ path: shots + 'text-200.png' });
  await close();
});
