// Takes the pictures one has to look at: desktop, phone, dark, Korean, English.
import { launch, shots, widget } from './browser.mjs';
import { serve } from './house.mjs';

const shop = await serve();
const air = await serve('-brand', 'airline');
const scenes = [
  { name: 'shop-ko', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ' },
  { name: 'shop-en', url: '/?lang=en', say: "It's three days late and it's my daughter's birthday tomorrow." },
  { name: 'shop-ko-dark', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ', scheme: 'dark' },
  { name: 'air-ko', url: '/?lang=ko', air: true, say: '내일 제주 가는 비행기가 취소됐어요. 아버지 칠순인데 어떡하죠' },
  { name: 'air-en', url: '/?lang=en', air: true, say: 'My flight to Jeju tomorrow was cancelled. It is my father\'s 70th birthday.' },
  { name: 'phone-ko', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ', phone: true },
  { name: 'phone-en', url: '/?lang=en', say: "It's three days late and it's my daughter's birthday tomorrow.", phone: true },
  { name: 'phone-closed', url: '/?lang=ko', phone: true, closed: true },
  { name: 'page-ko', url: '/chat/haneul-market?lang=ko', say: '선물이 늦어요', page: true },
];
// the two pictures of the README
for (const lang of ['ko', 'en']) scenes.push({ name: 'widget-' + lang, url: '/?lang=' + lang, say: scenes.find((s) => s.name === 'shop-' + lang).say, view: { width: 1200, height: 900 }, tall: true });
for (const s of scenes) {
  const b = await launch({ ...(s.view && { viewport: s.view }), colorScheme: s.scheme || 'light', locale: s.url.includes('ko') ? 'ko-KR' : 'en-US', ...(s.phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}) });
  await b.page.goto((s.air ? air : shop).url + s.url);
  const w = widget(b.page);
  if (s.tall) await b.page.evaluate(() => document.querySelector('onki-chat').style.setProperty('--onki-h', '770px'));
  if (!s.closed) {
    if (!s.page) await w.open();
    else await b.page.waitForFunction(() => document.querySelector('onki-chat')?.chat?.link?.up);
    if (s.say) {
      await b.page.waitForTimeout(300);
      await b.page.screenshot({ path: shots + s.name + '-open.png' });
      await w.box.fill(s.say);
      await b.page.locator('onki-chat .send').click();
      await b.page.locator('onki-chat .chip').first().waitFor();
    }
  }
  await b.page.waitForTimeout(500);
  await b.page.screenshot({ path: shots + s.name + '.png' });
  await b.close();
}
shop.kill();
air.kill();
console.log('pictures in', shots);
