// The Enter key, done right for people who compose their letters.
//
// While a Korean syllable is being composed, Enter means "done and send": the
// composition is ended first and the message is sent once, whole. While
// Japanese or Chinese candidates are shown, Enter chooses one and sends
// nothing. On a touch screen Enter is a new line; there is a button to send.

import { on } from './dom';

const hangul = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]+$/;

export function sendOnEnter(box: HTMLElement, send: () => void): void {
  let composing = false;
  let composed = '';
  let pending = false;
  on(box, 'compositionstart', () => {
    composing = true;
    composed = '';
  });
  on(box, 'compositionupdate', (e) => (composed = e.data));
  on(box, 'compositionend', (e) => {
    composing = false;
    composed = e.data || composed;
    if (!pending) return;
    pending = false;
    setTimeout(send); // after the last letter has reached the box
  });
  on(box, 'keydown', (e) => {
    if ((e.key !== 'Enter' && e.code !== 'Enter' && e.code !== 'NumpadEnter') || e.shiftKey || e.altKey) return;
    if (matchMedia('(pointer:coarse)').matches && !matchMedia('(any-pointer:fine)').matches) return;
    if (!e.isComposing && e.keyCode !== 229) {
      e.preventDefault();
      send();
      return;
    }
    if (!hangul.test(composed)) return;
    e.preventDefault();
    if (!composing) return send(); // Safari ends the composition before it tells of the key
    pending = true;
    setTimeout(() => {
      if (!pending) return;
      box.blur(); // some systems never end it by themselves
      box.focus();
    }, 60);
  });
}
