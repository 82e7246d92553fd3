// Takes the pictures one has to look at: desktop, phone, dark, Korean, English.
import { launch, shots, widget } from './browser.mjs';

const base = process.env.BASE || 'http://127.0.0.1:8931';
const scenes = [
  { name: 'shop-ko', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ' },
  { name: 'shop-en', url: '/?lang=en', say: "It's three days late and it's my daughter's birthday tomorrow." },
  { name: 'shop-ko-dark', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ', scheme: 'dark' },
  { name: 'air-ko', url: '/air/?lang=ko' },
  { name: 'air-en', url: '/air/?lang=en' },
  { name: 'phone-ko', url: '/?lang=ko', say: '주문한 지 사흘 됐는데 아직도 안 와요. 내일이 딸 생일인데 ㅠㅠ', phone: true },
  { name: 'phone-en', url: '/?lang=en', say: "It's three days late and it's my daughter's birthday tomorrow.", phone: true },
  { name: 'phone-closed', url: '/?lang=ko', phone: true, closed: true },
  { name: 'page-ko', url: '/chat/haneul-market?lang=ko', say: '선물이 늦어요', page: true },
];
for (const s of scenes) {
  const b = await launch({ colorScheme: s.scheme || 'light', locale: s.url.includes('ko') ? 'ko-KR' : 'en-US', ...(s.phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}) });
  await b.page.goto(base + s.url);
  const w = widget(b.page);
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
console.log('pictures in', shots);
