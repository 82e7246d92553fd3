// What is needed now and then: a rating at a good moment, a copy of the
// conversation, and its deletion.

import { button, h, icon, icons, on } from './dom';
import { clock } from './items';
import type { Chat } from './chat';

/** askRating asks once, in the course of the conversation, and takes no for an
 * answer. */
export function askRating(chat: Chat, seq: number): void {
  const done = (text?: string) => {
    chat.store.save({ rated: seq });
    if (text) {
      card.replaceChildren(h('p', { role: 'status' }, text));
      chat.f.box.focus({ preventScroll: true });
    } else card.remove();
  };
  const star = (n: number) =>
    button('', () => {
      chat.link!.call('POST', '/v1/messages', { kind: 'rating', stars: n, cid: 'rating-' + seq }).catch(() => undefined);
      done(chat.say('rated'));
    }, icon(icons.star), h('span', { class: 'vh' }, chat.say('rateStar', { n })));
  const card = h('div', { class: 'rate', role: 'group', 'aria-label': chat.say('rate') }, h('p', null, chat.say('rate')), h('div', { class: 'stars' }, ...[1, 2, 3, 4, 5].map(star), button('later', () => done(), chat.say('rateLater'))));
  chat.f.scroll.append(card);
  chat.bottom();
}

/** download saves the customer's copy of the conversation as a file. */
export async function download(chat: Chat): Promise<void> {
  const data = await chat.link!.call('GET', '/v1/me/export');
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
  const a = h('a', { href: url, download: 'conversation.json' });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// dialog asks over the box to write in. Whatever is pressed ends it, and the
// focus goes back to the box.
function dialog(chat: Chat, label: string, text: string, yes: HTMLElement, no: string): void {
  const end = () => {
    ask.remove();
    chat.f.box.focus({ preventScroll: true });
  };
  const ask = h('div', { class: 'box', role: 'alertdialog', 'aria-label': label }, h('p', null, text), yes, button('pill', end, no));
  on(yes, 'click', end);
  on(ask, 'keydown', (e: KeyboardEvent) => {
    if (e.key !== 'Escape') return;
    e.stopPropagation();
    end();
  });
  chat.f.panel.querySelector('[role=alertdialog]')?.remove();
  chat.f.foot.before(ask);
  (ask.lastChild as HTMLElement).focus();
}

/** goOn offers the link by which the customer goes on in another app. A new
 * window has no opener of its own accord. */
export function goOn(chat: Chat): void {
  const app = chat.config!.link!;
  chat.link!.call<{ url: string; until: string }>('POST', '/v1/link').then(
    ({ url, until }) => dialog(chat, chat.say('link', { app }), chat.say('linkHow', { app, time: clock(until, chat.lang) }), h('a', { href: url, class: 'pill', target: '_blank' }, chat.say('linkOpen', { app })), chat.say('linkNo')),
    (e) => chat.tell(e),
  );
}

/** confirmErase asks before everything is deleted. */
export function confirmErase(chat: Chat): void {
  const yes = async () => {
    try {
      await chat.link!.erase();
      chat.announce(chat.say('erased'));
      chat.status('erased');
    } catch (e) {
      chat.tell(e);
    }
  };
  dialog(chat, chat.say('erase'), chat.say('eraseSure'), button('pill danger', () => void yes(), chat.say('eraseYes')), chat.say('eraseNo'));
}
