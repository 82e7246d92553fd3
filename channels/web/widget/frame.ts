// The fixed parts of the widget: launcher, header, menu, transcript, box to
// write in. Built once; the chat fills them.

import { button, h, icon, icons, set } from './dom';
import type { Say } from './items';

export type Frame = ReturnType<typeof frame>;
export type Acts = Record<'toggle' | 'human' | 'menu' | 'attach' | 'send' | 'tone' | 'export' | 'erase' | 'link' | 'bottom', () => void>;

export function frame(act: Acts, page: boolean) {
  // what bears words, so that they can be said again in the brand's own
  const worded: [HTMLElement, string, string?][] = [];
  const text = <E extends HTMLElement>(e: E, key: string): E => (worded.push([e, key]), e);
  const label = <E extends HTMLElement>(e: E, key: string, attr = 'aria-label'): E => (worded.push([e, key, attr]), e);

  const badge = h('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
  const launcher = button('launcher', act.toggle, icon(icons.chat), icon(icons.down), badge);

  const face = h('span', { class: 'mark', 'aria-hidden': 'true' });
  const title = h('h2', { id: 'title' });
  const ai = text(h('p', { class: 'ai' }), 'ai');
  const subText = h('span');
  const sub = h('p', { class: 'sub' }, subText);
  const humanText = h('span');
  const human = button('pill', act.human, icon(icons.person), humanText);
  const more = label(button('tool more', () => act.menu(), icon(icons.more)), 'menu');
  const close = label(button('tool', act.toggle, icon(icons.close)), 'close');
  const privacy = text(h('a', { hidden: true, target: '_blank', rel: 'noopener noreferrer' }), 'privacy');
  const link = button('', act.link);
  const menu = h(
    'div',
    { class: 'menu', hidden: true },
    text(button('', act.export), 'export'),
    text(button('', act.erase), 'erase'),
    link,
    privacy,
  );
  const banner = h('div', { class: 'banner', part: 'banner', role: 'status' });
  banner.hidden = true;

  const notice = h('p');
  const hours = h('p');
  const tone = button('switch', act.tone, h('i', { 'aria-hidden': 'true' }), text(h('span'), 'tone'));
  const toneNote = h('p');
  const card = h('div', { class: 'card', part: 'notice' }, notice, hours, h('div', { class: 'row' }, tone), toneNote);
  const scroll = label(h('div', { class: 'scroll', part: 'transcript', tabindex: '0', role: 'region' }, card), 'log');
  const down = button('pill more-down', act.bottom, icon(icons.down), text(h('span'), 'newer'));
  const mid = h('div', { class: 'mid' }, scroll, down);

  const live = h('div', { class: 'live', part: 'status' });
  const box = label(label(h('textarea', { part: 'input', rows: '1', autocomplete: 'off', enterkeyhint: 'send' }), 'write'), 'placeholder', 'placeholder');
  const picker = h('input', { type: 'file', accept: 'image/jpeg,image/png,image/gif,image/webp,application/pdf,text/plain', hidden: true, tabindex: '-1', 'aria-hidden': 'true' });
  const attach = label(button('tool', act.attach, icon(icons.clip)), 'attach');
  const send = label(button('send', act.send, icon(icons.send)), 'send');
  const hint = h('p', { class: 'hint', hidden: true });
  const foot = h('div', { class: 'foot' }, h('div', { class: 'write' }, attach, picker, box, send), hint);

  const log = h('div', { class: 'vh', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions' });
  const alert = h('div', { class: 'vh', role: 'alert' });
  const strip = h('div', { class: 'strip' }, sub, human);
  const panel = h(
    'section',
    { class: 'panel', part: 'panel', id: 'panel', role: page ? 'region' : 'dialog', 'aria-labelledby': 'title', hidden: true },
    h('div', { class: 'top', part: 'header' }, h('div', { class: 'head' }, face, h('div', { class: 'who' }, title, ai), more, close), strip, menu),
    banner,
    mid,
    live,
    foot,
    log,
    alert,
  );
  for (const [e, part] of [[launcher, 'launcher'], [human, 'human'], [send, 'send']] as const) set(e, 'part', part);
  set(launcher, 'aria-haspopup', 'dialog');
  set(tone, 'role', 'switch');
  close.hidden = page;
  link.hidden = attach.hidden = down.hidden = card.hidden = true;
  const root = h('div', { class: 'root ' + (page ? 'page' : 'bubbleMode'), part: 'root' }, panel, !page && launcher);
  const relabel = (say: Say) => {
    for (const [e, key, attr] of worded) attr ? set(e, attr, say(key)) : (e.textContent = say(key));
  };
  return { relabel, root, launcher, badge, panel, face, title, sub, subText, human, humanText, more, close, menu, link, privacy, banner, notice, hours, tone, toneNote, card, scroll, down, live, box, picker, attach, send, hint, foot, log, alert };
}
