// The chat: what the customer does, what comes back, and how it is shown.

import { h } from './dom';
import { frame, type Acts, type Frame } from './frame';
import { sendOnEnter } from './ime';
import { chips, clock, day, mine, partNodes, spend, spoken, theirs, type Look } from './items';
import { Link, Problem, type Listener } from './net';
import { askRating, confirmErase, download } from './extras';
import { Store, type Item } from './store';
import type { Choice, Config, Event_, Options, Session } from './types';

const soonest = 700; // ms after sending: an answer in the same instant reads as not having listened
const apart = 600; // between the bubbles of one reply

export class Chat implements Listener, Look {
  readonly store: Store;
  readonly f: Frame;
  server: string;
  link?: Link;
  config?: Config;
  unread = 0;
  private owner = 'bot';
  private first = 0;
  private pending = new Map<string, HTMLElement>();
  private lastDay = '';
  private sentAt = 0;
  private brisk = false; // a press of a button is answered at once
  private waiting: ReturnType<typeof setTimeout>[] = [];
  private dots?: ReturnType<typeof setTimeout>;
  private shown: Promise<void> = Promise.resolve();
  private facts: Record<string, string> = {};
  private repeated = { text: '', times: 0 };
  private clicks = 0;
  private typed = 0;

  constructor(readonly o: Options, readonly lang: string, private words: Record<string, string>, private emit: (name: string, detail?: unknown) => void) {
    this.store = new Store('onki:' + o.key);
    this.server = o.server ||= '';
    const act: Acts = {
      toggle: () => this.toggle(),
      human: () => this.handoff(),
      menu: () => this.menu(),
      attach: () => this.f.picker.click(),
      send: () => this.submit(),
      tone: () => this.tone(!!this.store.saved.quiet),
      export: () => void this.exportData(),
      erase: () => (this.menu(false), confirmErase(this)),
      bottom: () => this.bottom(true),
    };
    this.f = frame(act, o.mode === 'page');
    this.f.relabel(this.say);
    this.count();
    this.state();
    this.listen();
    this.theme(o.theme || this.store.saved.theme || 'auto', true);
    this.tone(!this.store.saved.quiet, true);
    if (o.accent) this.f.root.style.setProperty('--onki-accent', o.accent);
    this.f.root.classList.toggle('left', o.side === 'left');
    this.f.root.lang = lang;
    if (this.store.saved.visitor || o.mode === 'page') this.connect();
    if (o.mode === 'page') this.open();
  }

  say = (key: string, fill: Record<string, string | number> = {}): string => {
    const text = this.config?.words?.[key] ?? this.words[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, k) => String(fill[k] ?? ''));
  };
  name = () => this.config?.name || '';
  links = () => this.config?.links || [];

  private listen(): void {
    const { box, panel, scroll, picker, root } = this.f;
    sendOnEnter(box, () => this.submit());
    box.addEventListener('input', () => this.wrote());
    box.value = this.store.saved.draft || '';
    root.addEventListener('keydown', (e) => this.key(e as KeyboardEvent));
    root.addEventListener('pointerdown', (e) => {
      const path = e.composedPath();
      if (!this.f.menu.hidden && !path.includes(this.f.menu) && !path.includes(this.f.more)) this.menu(false);
    });
    scroll.addEventListener('scroll', () => this.atEnd() && (this.f.down.hidden = true), { passive: true });
    picker.addEventListener('change', () => void this.upload());
    panel.addEventListener('focusin', () => this.markRead());
    matchMedia('(prefers-color-scheme:dark)').addEventListener('change', () => this.theme(this.store.saved.theme || 'auto', true));
  }

  destroy(): void {
    this.link?.close();
    this.waiting.forEach(clearTimeout);
    this.f.root.remove();
  }

  // --- opening and closing ---------------------------------------------------

  get isOpen(): boolean {
    return !this.f.panel.hidden;
  }

  connect(): void {
    if (this.link) return;
    this.link = new Link(this.o, this.lang, this.store, this);
    this.state();
    void this.link.start();
  }

  open(): void {
    if (this.isOpen) return;
    this.f.panel.hidden = false;
    this.f.root.classList.add('isOpen');
    this.f.launcher.setAttribute('aria-expanded', 'true');
    this.f.launcher.setAttribute('aria-label', this.say('close'));
    this.connect();
    const covers = this.covers();
    if (this.o.mode !== 'page') this.f.panel.setAttribute('aria-modal', String(covers));
    this.bottom();
    this.f.box.focus({ preventScroll: true });
    this.grow();
    this.markRead();
    this.emit('open');
  }

  close(): void {
    if (!this.isOpen || this.o.mode === 'page') return;
    this.f.panel.hidden = true;
    this.f.root.classList.remove('isOpen');
    this.f.launcher.setAttribute('aria-expanded', 'false');
    this.menu(false);
    this.count();
    this.f.launcher.focus({ preventScroll: true });
    this.emit('close');
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  private covers = () => innerWidth <= 480;

  private menu(show = this.f.menu.hidden): void {
    this.f.menu.hidden = !show;
    this.f.more.setAttribute('aria-expanded', String(show));
    if (show) this.f.menu.querySelector('button')!.focus();
  }

  private key(e: KeyboardEvent): void {
    if (e.key === 'Escape' && !e.isComposing) {
      e.stopPropagation();
      if (!this.f.menu.hidden) {
        this.menu(false);
        this.f.more.focus();
      } else this.close();
    }
    if (e.key !== 'Tab' || !this.covers() || !this.isOpen || this.o.mode === 'page') return;
    const all = [...this.f.panel.querySelectorAll<HTMLElement>('button,a[href],textarea,[tabindex="0"]')].filter((x) => x.offsetParent !== null && x.tabIndex >= 0);
    const at = all.indexOf((this.f.root.getRootNode() as ShadowRoot).activeElement as HTMLElement);
    const to = e.shiftKey ? (at <= 0 ? all.length - 1 : -1) : at === all.length - 1 ? 0 : -1;
    if (to < 0) return;
    e.preventDefault();
    all[to].focus();
  }

  theme(t: string, keep?: boolean): void {
    if (!keep) this.store.save({ theme: t });
    const dark = t === 'dark' || (t === 'auto' && matchMedia('(prefers-color-scheme:dark)').matches);
    this.f.root.classList.toggle('dark', dark);
  }

  // tone switches the analysis of tone on or off. The choice travels with every
  // message and is recorded where the brand keeps such records.
  tone(on: boolean, keep?: boolean): void {
    this.f.tone.setAttribute('aria-checked', String(on));
    this.f.toneNote.textContent = on ? '' : this.say('toneOff');
    if (keep) return;
    this.store.save({ quiet: !on });
    this.emit('consent', { analysis: on });
    this.link?.call('POST', '/v1/consent', { what: 'analysis', given: on, version: 'notice-1' }).catch(() => undefined);
  }

  // --- what the connection tells ---------------------------------------------

  session(s: Session, fresh: boolean): void {
    const c = (this.config = s.config);
    const { f } = this;
    f.relabel(this.say);
    this.tone(!this.store.saved.quiet, true);
    f.title.textContent = c.name;
    f.face.textContent = [...c.name][0] || '';
    f.notice.textContent = c.notice || this.say('notice');
    f.hours.textContent = c.hours ? this.say('hours', { hours: c.hours }) : '';
    f.attach.hidden = !c.files;
    if (c.privacy) f.privacy.href = c.privacy;
    f.privacy.hidden = !c.privacy;
    if (c.accent && !this.o.accent) f.root.style.setProperty('--onki-accent', c.accent);
    this.owner = s.owner;
    this.banner(s.banner || '');
    if (fresh) this.fresh(s);
    this.state();
    this.emit('ready');
  }

  // fresh draws the conversation anew.
  private fresh(s: Session): void {
    this.f.scroll.replaceChildren(this.f.card);
    this.pending.clear();
    this.lastDay = '';
    this.first = s.first;
    const older = h('button', { class: 'pill earlier', type: 'button', click: () => void this.earlier(older) }, this.say('earlier'));
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

  event(e: Event_): void {
    const reply = e.kind === 'reply';
    const pace = reply && !e.from && !this.brisk && this.sentAt > 0 && !document.hidden && this.isOpen && !matchMedia('(prefers-reduced-motion:reduce)').matches && !e.parts?.some((p) => p.safety);
    const wait = pace ? Math.max(0, this.sentAt + soonest - Date.now()) : 0;
    if (reply) this.sentAt = 0;
    this.shown = this.shown.then(async () => {
      if (wait) await new Promise((r) => setTimeout(r, wait));
      if (e.owner) this.setOwner(e.owner);
      if (reply) this.answered();
      await this.draw(e, true, true, pace);
      if (!reply) return;
      this.announce(spoken(e, this));
      this.emit('message', { text: (e.parts || []).map((p) => p.text).join('\n'), from: e.from || 'ai' });
      if (this.isOpen && !document.hidden) this.markRead();
      else {
        this.unread++;
        this.count();
      }
      if (e.rate && (this.store.saved.rated || 0) < e.seq) askRating(this, e.seq);
    });
  }

  private setOwner(owner: string): void {
    if (owner !== this.owner) this.emit('owner', owner);
    this.owner = owner;
    this.state();
  }

  typing(): void {
    if (this.owner === 'person') return; // a person's own signs are told by a person
    clearTimeout(this.dots);
    this.status('typing');
    this.dots = setTimeout(() => this.status(), 6000);
  }

  // status is the line under the transcript: honest about what goes on.
  status(key?: string): void {
    const kids: Node[] = [];
    if (key === 'typing') kids.push(h('span', { class: 'dots', role: 'img', 'aria-label': this.say('typing') }, h('i'), h('i'), h('i')));
    else if (key) kids.push(h('span', null, this.say(key)));
    if (key === 'slower' && this.owner === 'bot') kids.push(h('button', { class: 'pill', type: 'button', click: () => this.handoff() }, this.say('human')));
    this.f.live.replaceChildren(...kids);
  }

  private await(): void {
    this.waiting.forEach(clearTimeout);
    this.waiting = [
      [3000, 'slow'],
      [10_000, 'slower'],
    ].map(([ms, key]) =>
      setTimeout(() => {
        if (!this.link?.up || this.owner === 'person') return;
        clearTimeout(this.dots);
        this.status(key as string);
        this.announce(this.say(key as string));
      }, ms as number),
    );
  }

  private answered(): void {
    this.waiting.forEach(clearTimeout);
    clearTimeout(this.dots);
    this.status();
  }

  banner(text: string): void {
    if (this.f.banner.textContent !== text) this.f.banner.textContent = text;
    this.f.banner.hidden = !text;
  }

  state(): void {
    const { f, link } = this;
    const up = !!link?.up;
    f.root.classList.toggle('off', !up);
    const key = up ? { waiting: 'waitLine', person: 'personLine' }[this.owner] || 'aiLine' : !navigator.onLine ? 'queued' : 'connecting';
    f.subText.textContent = link?.refused || this.say(key);
    const called = this.owner !== 'bot';
    f.human.setAttribute('aria-disabled', String(called));
    f.humanText.textContent = called ? (this.owner === 'person' ? this.say('person') : this.say('humanCalled')) : this.say('human');
    if (link && !up && !navigator.onLine) this.status('offline');
    else if (f.live.textContent === this.say('offline')) this.status();
    this.outbox();
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
    m?.setAttribute('data-seq', '');
  }

  private meta(m: HTMLElement, i: Item): void {
    const line = m.lastElementChild as HTMLElement;
    const was = line.classList.contains('bad');
    line.classList.toggle('bad', !!i.error);
    if (!i.error) {
      line.replaceChildren(this.say(this.link?.up ? 'sending' : 'queued'));
      return;
    }
    const button = (key: string, click: () => void) => h('button', { type: 'button', click }, this.say(key));
    line.replaceChildren(h('span', null, this.say('failed') + ' · ' + i.error), button('retry', () => this.link?.retry(i.cid)), button('drop', () => this.link?.forget(i.cid)));
    if (!was) this.f.alert.textContent = this.say('failed') + ' ' + i.error;
  }

  // --- drawing -----------------------------------------------------------------

  private divide(time: string | number): void {
    const d = day(time, this);
    if (d === this.lastDay) return;
    this.lastDay = d;
    this.f.scroll.append(h('div', { class: 'day' }, d));
  }

  private async draw(e: Event_, open: boolean, live?: boolean, pace?: boolean): Promise<void> {
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
        if (stay && live) this.bottom();
      }
      m.append(h('div', { class: 'meta' }, clock(e.time, this.lang)));
    }
    if (!live) return;
    if (stay || e.kind === 'message') this.bottom();
    else this.f.down.hidden = false;
  }

  private closeChoices(): void {
    this.f.scroll.querySelectorAll<HTMLElement>('.chips:not([data-done])').forEach((r) => spend(r));
    this.f.scroll.querySelector('.start')?.remove();
  }

  private atEnd(): boolean {
    const s = this.f.scroll;
    return s.scrollHeight - s.scrollTop - s.clientHeight < 80;
  }

  bottom(smooth?: boolean): void {
    this.f.scroll.scrollTo({ top: this.f.scroll.scrollHeight, behavior: smooth ? 'smooth' : 'auto' });
    this.f.down.hidden = true;
  }

  // announce tells screen readers, apart from what is shown, and takes it back
  // so that it is not read again with the page.
  announce(text: string): void {
    const p = h('p', null, text);
    this.f.log.append(p);
    setTimeout(() => p.remove(), 1000);
  }

  private markRead(): void {
    this.unread = 0;
    this.store.save({ read: this.link?.last || this.store.saved.read });
    this.count();
  }

  private count(): void {
    const n = this.unread;
    this.f.badge.hidden = !n || this.isOpen;
    this.f.badge.textContent = n > 9 ? '9+' : String(n);
    this.f.launcher.setAttribute('aria-label', this.isOpen ? this.say('close') : n ? this.say('openUnread', { n }) : this.say('open'));
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

  // --- what the customer does ----------------------------------------------------

  context(facts: Record<string, string>): void {
    Object.assign(this.facts, facts);
  }

  send(text: string): void {
    text = text.trim();
    if (!text) return;
    this.connect();
    this.repeated = { text, times: this.repeated.text === text ? this.repeated.times + 1 : 0 };
    this.post('/v1/messages', { kind: 'text', text });
  }

  post(path: string, body: Record<string, unknown>): void {
    this.connect();
    this.f.scroll.querySelector('.start')?.remove();
    const quiet = this.store.saved.quiet;
    const signals = quiet ? { noTone: true } : { repeats: this.repeated.times, clicks: this.clicks, waiting: this.sentAt ? Date.now() - this.sentAt : 0 };
    const now = Date.now();
    this.clicks = 0;
    this.link!.send(path, { ...body, lang: this.lang, signals, context: { page: location.href.split(/[?#]/)[0], ...this.facts } });
    this.sentAt = now;
    this.brisk = body.kind === 'choice';
    this.await();
    this.bottom();
  }

  private submit(): void {
    const { box } = this.f;
    const over = [...box.value.trim()].length - (this.config?.text || 2000);
    if (over > 0) {
      this.f.alert.textContent = this.say('tooLong', { n: over });
      return;
    }
    const text = box.value;
    if (!text.trim()) return;
    this.send(text);
    box.value = '';
    this.wrote();
    box.focus({ preventScroll: true });
  }

  compose(text: string): void {
    this.open();
    this.f.box.value = text;
    this.wrote();
  }

  pick(c: Choice, chip: HTMLElement, row: HTMLElement): void {
    spend(row, chip);
    if (c.id === 'human') this.handoff();
    else this.post('/v1/messages', c.id ? { kind: 'choice', choice: c.id, text: c.label } : { kind: 'text', text: c.label });
    this.f.box.focus({ preventScroll: true });
  }

  /** handoff asks for a person: from the first second, with or without a model. */
  handoff(): void {
    if (this.owner !== 'bot') {
      this.clicks++;
      return;
    }
    this.open();
    if (this.store.outbox.some((i) => i.path === '/v1/handoff')) return;
    this.post('/v1/handoff', { kind: 'choice', text: this.say('humanSaid') });
  }

  private wrote(): void {
    const { box, send, hint } = this.f;
    const left = (this.config?.text || 2000) - [...box.value.trim()].length;
    send.setAttribute('aria-disabled', String(!box.value.trim() || left < 0));
    hint.hidden = left > 200;
    hint.classList.toggle('bad', left < 0);
    hint.textContent = left < 0 ? this.say('tooLong', { n: -left }) : this.say('nearLimit', { n: left });
    this.grow();
    this.store.save({ draft: box.value });
    const now = Date.now();
    if (box.value && this.link?.up && this.owner === 'person' && now - this.typed > 4000) {
      this.typed = now;
      this.link.call('POST', '/v1/typing', {}).catch(() => undefined);
    }
  }

  private grow(): void {
    const { box } = this.f;
    box.style.height = 'auto';
    box.style.height = Math.min(132, Math.max(40, box.scrollHeight)) + 'px';
    this.f.send.setAttribute('aria-disabled', String(!box.value.trim()));
  }

  private async upload(): Promise<void> {
    const { picker } = this.f;
    const file = picker.files?.[0];
    picker.value = '';
    if (!file || !this.link) return;
    this.status('uploading');
    const form = new FormData();
    form.append('file', file);
    try {
      const a = await this.link.call<{ file: string; name: string }>('POST', '/v1/files', form);
      this.post('/v1/messages', { kind: 'file', files: [a.file], text: '' });
      this.status();
    } catch (e) {
      this.tell(e);
    }
  }

  /** tell shows a problem where the customer looks, and says it. */
  tell(e: unknown): void {
    const text = e instanceof Problem && e.message ? e.message : this.say('lost');
    this.f.live.replaceChildren(h('span', null, text));
    this.f.alert.textContent = text;
    this.emit('error', text);
  }

  async exportData(): Promise<void> {
    this.menu(false);
    this.open();
    await download(this).catch((e) => this.tell(e));
  }
}
