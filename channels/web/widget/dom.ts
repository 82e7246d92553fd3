// The few lines of DOM building the widget needs. Nothing here can run markup:
// there is no innerHTML, no style attribute, no script.

export type Kid = Node | string | null | undefined | false;
export type Attrs = Record<string, string | boolean | EventListener | undefined>;

/** h makes an element: functions become listeners, true an empty attribute,
 * false and undefined none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attrs?: Attrs | null, ...kids: Kid[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const name in attrs) {
    const v = attrs[name];
    if (typeof v === 'function') on(e, name, v);
    else if (v || v === '') set(e, name, v === true ? '' : v);
  }
  e.append(...(kids.filter((k) => k || k === '') as (Node | string)[]));
  return e;
}

/** set sets an attribute to a word, a number or a yes or no. */
export const set = (e: Element, name: string, v: unknown): void => e.setAttribute(name, '' + v);

/** on listens. */
export const on = (e: EventTarget, name: string, fn: (e: any) => void, o?: AddEventListenerOptions): void => e.addEventListener(name, fn, o);

/** button makes a button that does something. */
export function button(cls: string, click: () => void, ...kids: Kid[]): HTMLButtonElement {
  return h('button', { type: 'button', class: cls, click }, ...kids);
}

const NS = 'http://www.w3.org/2000/svg';

/** icon draws paths on a 24 by 24 field in the colour of the text. */
export function icon(d: string): SVGSVGElement {
  const s = document.createElementNS(NS, 'svg');
  const p = document.createElementNS(NS, 'path');
  set(s, 'viewBox', '0 0 24 24');
  set(s, 'aria-hidden', true);
  set(s, 'class', 'i');
  set(p, 'd', d);
  s.append(p);
  return s;
}

export const icons = {
  chat: 'M4 11.5a7.5 7 0 0 1 7.5-7h1a7.5 7 0 0 1 0 14h-1.2L7 21v-3.4a7 7 0 0 1-3-6.1zM8.6 11.4h.01M12 11.4h.01M15.4 11.4h.01',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M5 9l7 7 7-7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 6 0 0 1 15 0',
  send: 'M4 12L20 4l-5 16-3.5-6.5zM11.5 13.5L20 4',
  clip: 'M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.4-7.4',
  page: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6',
  star: 'M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z',
};
