// The conversation as it is shown: drawing it, adding to it, and knowing what
// has been read.

import { button, h, set } from './dom';
import type { Frame } from './frame';
import { chips, clock, day, mine, partNodes, spend, theirs, type Look } from './items';
import type { Link } from './net';
import type { Item, Store } from './store';
import type { Choice, Config, Event_, Session } from './types';

const apart = 600; // ms between the bubbles of one reply

export abstract class Transcript implements Look {
  abstract readonly f: Frame;
  abstract readonly store: Store;
  abstract server: string;
  abstract readonly isOpen: boolean;
  abstract pick(c: Choice, chip: HTMLElement, row: HTMLElement): void;
  abstract fill(body: Record<string, unknown>): void;
  link?: Link;
  config?: Config;
  unread = 0;
  private first = 0;
  private pending = new Map<string, HTMLElement>();
  private lastDay = '';

  constructor(readonly lang: string, private words: Record<string, string>, protected emit: (name: string, detail?: unknown) => void) {}

  say = (key: string, fill: Record<string, string | number> = {}): string => {
    const text = this.config?.words?.[key] ?? this.words[key] ?? '';
    return text.replace(/\{(\w+)\}/g, (_, k) => String(fill[k] ?? ''));
  };
  name = () => this.config?.name || '';
  links = () => this.config?.links || [];

  // fresh draws the conversation anew.
  fresh(s: Session): void {
    this.f.scroll.replaceChildren(this.f.card);
    this.pending.clear();
    this.lastDay = '';
    this.first = s.first;
    const older: HTMLElement = button('pill earlier', () => void this.earlier(older), this.say('earlier'));
    older.hidden = s.first <= 1;
    this.f.scroll.append(older);
    if (!s.events.length) this.greet();
    s.events.forEach((e, i) => this.draw(e, i === s.events.length - 1));
    this.outbox();
    const read = this.store.saved.read || 0;
    this.unread = s.events.filter((e) => e.kind === 'reply' && e.seq > read).length;
    if (this.isOpen) this.markRead();
    this.count();
    if (s.events.length) this.bottom();
  }

  private greet(): void {
    const c = this.config!;
    const hello = theirs({ seq: 0, kind: 'reply', time: '' }, this);
    hello.append(...partNodes({ text: c.greeting || this.say('greeting') }, this, false));
    this.f.scroll.append(hello);
    if (c.starters?.length) this.f.scroll.append(h('div', { class: 'start' }, h('p', { class: 'cap' }, this.say('starters')), chips(c.starters, this, this.say('starters'))));
  }

  // outbox shows what has not yet been told by the server.
  outbox(): void {
    const items = this.store.outbox;
    for (const i of items) {
      if (this.pending.has(i.cid) || this.f.scroll.querySelector('[data-cid="' + i.cid + '"]')) continue;
      this.divide(i.at);
      const m = mine(String(i.body.text || ''), [], this);
      m.dataset.cid = i.cid;
      m.append(h('div', { class: 'meta' }));
      this.pending.set(i.cid, m);
      this.f.scroll.append(m);
      this.bottom();
    }
    for (const [cid, m] of this.pending) {
      const i = items.find((x) => x.cid === cid);
      if (i) this.meta(m, i);
      else if (!m.dataset.seq && m.querySelector('.bad')) {
        m.remove(); // discarded
        this.pending.delete(cid);
      }
    }
  }

  settled(i: Item): void {
    const m = this.pending.get(i.cid);
    if (m) m.lastElementChild!.replaceChildren(this.say('sent'));
    if (m) set(m, 'data-seq', '');
  }

  private meta(m: HTMLElement, i: Item): void {
    const line = m.lastElementChild as HTMLElement;
    const was = line.classList.contains('bad');
    line.classList.toggle('bad', !!i.error);
    if (!i.error) {
      line.replaceChildren(this.say(this.link?.up ? 'sending' : 'queued'));
      return;
    }
    line.replaceChildren(h('span', null, this.say('failed') + ' · ' + i.error), button('', () => this.link?.retry(i.cid), this.say('retry')), button('', () => this.link?.forget(i.cid), this.say('drop')));
    if (was) return;
    this.alarm(this.say('failed') + ' ' + i.error);
    this.bottom();
  }

  private divide(time: string | number): void {
    const d = day(time, this);
    if (d === this.lastDay) return;
    this.lastDay = d;
    this.f.scroll.append(h('div', { class: 'day' }, d));
  }

  async draw(e: Event_, open: boolean, live?: boolean, pace?: boolean): Promise<void> {
    const stay = this.atEnd();
    if (e.kind === 'owner') return;
    if (e.kind === 'message') {
      const old = this.pending.get(e.id!);
      this.pending.delete(e.id!);
      if (!old) this.divide(e.time);
      const m = mine(e.text || '', e.files || [], this);
      m.dataset.cid = e.id!;
      m.append(h('div', { class: 'meta' }, clock(e.time, this.lang)));
      // what the ledger has comes before what is still on its way
      const next = [...this.pending.values()][0];
      if (old && !next) old.replaceWith(m);
      else {
        old?.remove();
        this.f.scroll.insertBefore(m, next || null);
      }
      this.closeChoices();
    } else {
      this.divide(e.time);
      this.closeChoices();
      const m = theirs(e, this);
      if (live) m.classList.add('new');
      this.f.scroll.insertBefore(m, [...this.pending.values()][0] || null);
      for (const [i, p] of (e.parts || []).entries()) {
        if (i && pace) await new Promise((r) => setTimeout(r, apart));
        const nodes = partNodes(p, this, open);
        if (live) nodes.forEach((n) => n.classList.add('new'));
        m.append(...nodes);
        if (stay && live) this.bottom(false, m);
      }
      m.append(h('div', { class: 'meta' }, clock(e.time, this.lang)));
      if (stay && live) this.bottom(false, m);
    }
    if (!live) return;
    if (e.kind === 'message') this.bottom();
    else if (!stay) this.f.down.hidden = false;
  }

  private closeChoices(): void {
    this.f.scroll.querySelectorAll<HTMLElement>('.chips:not([data-done])').forEach((r) => spend(r));
    this.f.scroll.querySelectorAll('.start,.form').forEach((x) => x.remove());
  }

  atEnd(): boolean {
    const s = this.f.scroll;
    return s.scrollHeight - s.scrollTop - s.clientHeight < 80;
  }

  // bottom shows the end, or of a long answer its beginning.
  bottom(smooth?: boolean, answer?: HTMLElement): void {
    const s = this.f.scroll;
    const start = answer ? s.scrollTop + answer.getBoundingClientRect().top - s.getBoundingClientRect().top - 12 : s.scrollHeight;
    s.scrollTo({ top: Math.min(start, s.scrollHeight), behavior: smooth ? 'smooth' : 'auto' });
    this.f.down.hidden = true;
  }

  // announce tells screen readers, apart from what is shown, and takes it back
  // so that it is not read again with the page.
  announce(text: string): void {
    const p = h('p', null, text);
    this.f.log.append(p);
    setTimeout(() => p.remove(), 1000);
  }

  /** alarm is told at once, to those who hear the page. */
  alarm(text: string): void {
    this.f.alert.textContent = text;
  }

  markRead(): void {
    this.unread = 0;
    this.store.save({ read: this.link?.last || this.store.saved.read });
    this.count();
  }

  count(): void {
    const n = this.unread;
    this.f.badge.hidden = !n || this.isOpen;
    this.f.badge.textContent = n > 9 ? '9+' : String(n);
    set(this.f.launcher, 'aria-label', this.isOpen ? this.say('close') : n ? this.say('openUnread', { n }) : this.say('open'));
    this.emit('unread', n);
  }

  private async earlier(button: HTMLElement): Promise<void> {
    const page = await this.link!.call<{ events: Event_[]; first: number }>('GET', '/v1/messages?limit=50&before=' + this.first).catch(() => undefined);
    if (!page) return;
    const { scroll } = this.f;
    const from = scroll.scrollHeight - scroll.scrollTop;
    const rest = [...scroll.children].slice([...scroll.children].indexOf(button) + 1);
    rest.forEach((n) => n.remove());
    const last = this.lastDay;
    this.lastDay = '';
    const kept = this.pending;
    this.pending = new Map();
    for (const e of page.events) void this.draw(e, false);
    this.pending = kept;
    this.lastDay = last;
    scroll.append(...rest);
    this.first = page.first;
    button.hidden = page.first <= 1 || !page.events.length;
    scroll.scrollTop = scroll.scrollHeight - from;
  }
}
