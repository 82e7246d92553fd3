// How one thing in the conversation looks.

import { button, h, icon, icons, set, type Kid } from './dom';
import { link, markdown, plain, safeLink } from './markdown';
import { formNode } from './form';
import type { Card, Choice, Event_, FileInfo, Part } from './types';

/** Words of the widget, with {n} and the like filled in. */
export type Say = (key: string, fill?: Record<string, string | number>) => string;

export interface Look {
  say: Say;
  lang: string;
  name(): string;
  links(): string[];
  server: string;
  pick(c: Choice, chip: HTMLElement, row: HTMLElement): void;
  fill(body: Record<string, unknown>): void; // sends a form
  alarm(text: string): void; // says it at once
}

export function clock(time: string | number, lang: string): string {
  return new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit' }).format(new Date(time));
}

/** day names the day of a message, as people say it. */
export function day(time: string | number, look: Look): string {
  const d = new Date(time);
  const off = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(d).setHours(0, 0, 0, 0)) / 864e5);
  if (off === 0) return look.say('today');
  if (off === 1) return look.say('yesterday');
  return new Intl.DateTimeFormat(look.lang, { month: 'long', day: 'numeric', weekday: 'long' }).format(d);
}

export function mark(name: string): HTMLElement {
  return h('span', { class: 'mark', 'aria-hidden': 'true' }, [...name][0] || '');
}

/** mine is what the customer wrote: their own text, with no marks read. */
export function mine(text: string, files: FileInfo[], look: Look): HTMLElement {
  return h('div', { class: 'msg mine', part: 'message' }, h('span', { class: 'vh' }, look.say('me') + ': '), ...files.map((f) => fileNode(f, look)), text && h('div', { class: 'bubble', part: 'bubble' }, text));
}

/** theirs begins a reply: who says it. */
export function theirs(e: Event_, look: Look): HTMLElement {
  const face = e.from ? h('span', { class: 'mark man', 'aria-hidden': 'true' }, icon(icons.person)) : mark(look.name());
  const who = e.from ? e.from : look.say('ai') + ' · ' + look.name();
  return h('div', { class: 'msg', part: 'message', lang: e.lang && e.lang !== look.lang ? e.lang : undefined }, h('div', { class: 'by' }, face, who));
}

/** partNodes are the bubbles, files, sources and choices of one part. */
export function partNodes(p: Part, look: Look, live: boolean): HTMLElement[] {
  const out: HTMLElement[] = [];
  if (p.text) {
    out.push(h('div', { class: 'bubble' + (p.safety ? ' care' : ''), part: 'bubble' }, markdown(p.text, look.links(), look.say('newPage'))));
  }
  for (const c of p.cards || []) out.push(cardNode(c, look, live));
  for (const f of p.files || []) out.push(fileNode(f, look));
  if (p.sources?.length) {
    const names: Kid[] = [];
    p.sources.forEach((s, i) => names.push(i ? ', ' : '', s.url ? link(s.url, s.title, look.links(), look.say('newPage')) : s.title));
    out.push(h('div', { class: 'src', part: 'source' }, icon(icons.page), h('span', null, look.say('sources') + ': ', ...names)));
  }
  if (live && p.form) out.push(formNode(p.form, look));
  const choices = open(p.choices, live);
  if (choices.length) out.push(chips(choices, look, look.say('choices')));
  return out;
}

// open are the choices that can still be picked.
const open = (choices: Choice[] | undefined, live: boolean) => (choices || []).filter((c) => live || c.url);

/** cardNode shows what was found, at a glance. */
function cardNode(c: Card, look: Look, live: boolean): HTMLElement {
  const choices = open(c.choices, live);
  return h('div', { class: 'box', part: 'card' }, h('h3', null, c.title), h('dl', null, ...(c.rows || []).map((r) => h('div', null, h('dt', null, r.label), h('dd', null, r.value)))), choices.length > 0 && chips(choices, look, c.title));
}

/** chips offers choices. One that opens a page is a link; the others answer. */
export function chips(choices: Choice[], look: Look, label: string): HTMLElement {
  const row = h('div', { class: choices.some((c) => c.note) ? 'chips list' : 'chips', role: 'group', 'aria-label': label });
  for (const c of choices) {
    const url = c.url && safeLink(c.url, look.links());
    const label = [c.label, c.note && h('small', null, c.note)];
    if (url) row.append(h('a', { class: 'chip', part: 'chip', href: url, rel: 'noopener noreferrer', target: '_blank' }, ...label, h('span', { class: 'vh' }, ' (' + look.say('newPage') + ')')));
    else if (!c.url) {
      const chip: HTMLElement = button('chip', () => row.dataset.done || look.pick(c, chip, row), ...label);
      set(chip, 'part', 'chip');
      row.append(chip);
    }
  }
  return row;
}

/** spend closes a row of choices: what was picked stays readable. */
export function spend(row: HTMLElement, picked?: HTMLElement): void {
  row.dataset.done = '1';
  for (const b of row.querySelectorAll('button')) {
    set(b, 'aria-disabled', 'true');
    if (b === picked) {
      b.classList.add('picked');
      set(b, 'aria-pressed', 'true');
    }
  }
}

function fileNode(f: FileInfo, look: Look): HTMLElement {
  const url = f.url?.startsWith('/v1/files/') ? look.server + f.url : f.url && safeLink(f.url, look.links());
  if (url && f.type.startsWith('image/') && f.url!.startsWith('/v1/')) return h('img', { class: 'pic', src: url, alt: f.name, loading: 'lazy', referrerpolicy: 'no-referrer' });
  const inner: Kid[] = [icon(icons.page), h('span', null, f.name)];
  return url ? h('a', { class: 'doc', href: url, rel: 'noopener noreferrer', target: '_blank' }, ...inner) : h('span', { class: 'doc' }, ...inner);
}

/** spoken is what the live region says of a reply. */
export function spoken(e: Event_, look: Look): string {
  const text = (e.parts || []).map((p) => [p.text && plain(p.text), ...(p.cards || []).flatMap((c) => [c.title, ...(c.rows || []).map((r) => r.label + ': ' + r.value)]), ...(p.form?.rows || []).map((f) => f.label + (f.error ? ': ' + f.error : '')), ...(p.choices || []).map((c) => c.label + (c.note ? ', ' + c.note : ''))].filter(Boolean).join('. ')).join(' ');
  return (e.from || look.say('ai')) + ': ' + text;
}
