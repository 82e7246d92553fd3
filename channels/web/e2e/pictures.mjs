// Takes the two pictures of the README from a real `onki serve`: what it says
// is what the engine says, not a script.
import { launch, widget } from './browser.mjs';
import { real } from './house.mjs';

const docs = new URL('../../../docs/', import.meta.url).pathname;
const says = { ko: '내일이 딸 생일인데 선물이 아직도 배송 준비 중이래요 ㅠㅠ', en: "My daughter's birthday is tomorrow and her present still says preparing :(" };
const house = await real('memory:');
for (const [lang, say] of Object.entries(says)) {
  const b = await launch({ viewport: { width: 1200, height: 960 }, locale: lang });
  await b.page.goto(house.url + '/?lang=' + lang);
  const w = widget(b.page);
  await b.page.evaluate(() => document.querySelector('onki-chat').style.setProperty('--onki-h', '850px'));
  await w.open();
  await w.say(say);
  await b.page.locator('onki-chat .msg:not(.mine) .meta').waitFor();
  await b.page.waitForTimeout(1200);
  await b.page.screenshot({ path: docs + 'widget-' + lang + '.png' });
  await b.close();
}
house.kill();
console.log('pictures in', docs);
