// The chat: what the customer does, what comes back, and how it is shown.

import { button, h, on, set } from './dom';
import { dress } from './dress';
import { frame, type Acts, type Frame } from './frame';
import { sendOnEnter } from './ime';
import { spend, spoken } from './items';
import { Link, Problem, type Listener } from './net';
import { askRating, confirmErase, download, goOn } from './extras';
import { Store } from './store';
import { Transcript } from './transcript';
import type { Choice, Event_, Options, Session } from './types';

const soonest = 700; // ms after sending: an answer in the same instant reads as not having listened

export class Chat extends Transcript implements Listener {
  readonly store: Store;
  readonly f: Frame;
  server: string;
  private owner = 'bot';
  private sentAt = 0;
  private brisk = false; // a press of a button is answered at once
  private waiting: ReturnType<typeof setTimeout>[] = [];
  private dots?: ReturnType<typeof setTimeout>;
  private shown: Promise<void> = Promise.resolve();
  private facts: Record<string, string> = {};
  private repeated = { text: '', times: 0 };
  private clicks = 0;
  private typed = 0;

  constructor(readonly o: Options, lang: string, words: Record<string, string>, emit: (name: string, detail?: unknown) => void) {
    super(lang, words, emit);
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
      link: () => (this.menu(false), goOn(this)),
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

  private listen(): void {
    const { box, panel, scroll, picker, root } = this.f;
    sendOnEnter(box, () => this.submit());
    on(box, 'input', () => this.wrote());
    box.value = this.store.saved.draft || '';
    on(root, 'keydown', (e) => this.key(e as KeyboardEvent));
    on(root, 'pointerdown', (e) => {
      const path = e.composedPath();
      if (!this.f.menu.hidden && !path.includes(this.f.menu) && !path.includes(this.f.more)) this.menu(false);
    });
    on(scroll, 'scroll', () => this.atEnd() && (this.f.down.hidden = true), { passive: true });
    on(picker, 'change', () => void this.upload());
    on(panel, 'focusin', () => this.markRead());
    on(matchMedia('(prefers-color-scheme:dark)'), 'change', () => this.theme(this.store.saved.theme || 'auto', true));
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
    dress(this.f.root, this.server);
    void this.link.start();
  }

  open(): void {
    if (this.isOpen) return;
    this.f.panel.hidden = false;
    this.f.root.classList.add('isOpen');
    set(this.f.launcher, 'aria-expanded', 'true');
    set(this.f.launcher, 'aria-label', this.say('close'));
    this.connect();
    const covers = this.covers();
    if (this.o.mode !== 'page') set(this.f.panel, 'aria-modal', covers);
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
    set(this.f.launcher, 'aria-expanded', 'false');
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
    if (!show && this.f.menu.contains((this.f.root.getRootNode() as ShadowRoot).activeElement)) this.f.more.focus();
    this.f.menu.hidden = !show;
    set(this.f.more, 'aria-expanded', show);
    if (show) this.f.menu.querySelector('button')!.focus();
  }

  private key(e: KeyboardEvent): void {
    if (e.key === 'Escape' && !e.isComposing) {
      e.stopPropagation();
      if (this.f.menu.hidden) this.close();
      else this.menu(false);
    }
    if (e.key !== 'Tab' || !this.covers() || !this.isOpen || this.o.mode === 'page') return;
    const all = [...this.f.panel.querySelectorAll<HTMLElement>('button,a[href],textarea,input,select,[tabindex="0"]')].filter((x) => x.offsetParent !== null && x.tabIndex >= 0);
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
    set(this.f.tone, 'aria-checked', on);
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
    f.card.hidden = false;
    f.notice.textContent = c.notice || this.say('notice');
    f.hours.textContent = c.hours ? this.say('hours', { hours: c.hours }) : '';
    f.attach.hidden = !c.files;
    f.link.textContent = this.say('link', { app: c.link || '' });
    f.link.hidden = !c.link;
    if (c.privacy) f.privacy.href = c.privacy;
    f.privacy.hidden = !c.privacy;
    if (c.accent && !this.o.accent) f.root.style.setProperty('--onki-accent', c.accent);
    this.owner = s.owner;
    this.banner(s.banner || '');
    if (fresh) this.fresh(s);
    this.state();
    this.emit('ready');
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
    if (key === 'slower' && this.owner === 'bot') kids.push(button('pill', () => this.handoff(), this.say('human')));
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
    set(f.human, 'aria-disabled', called);
    f.humanText.textContent = called ? (this.owner === 'person' ? this.say('person') : this.say('humanCalled')) : this.say('human');
    if (link && !up && !navigator.onLine) this.status('offline');
    else if (f.live.textContent === this.say('offline')) this.status();
    this.outbox();
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
    this.link!.send(path, { ...body, lang: this.lang, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, forms: true, signals, context: { page: location.href.split(/[?#]/)[0], ...this.facts } });
    this.sentAt = now;
    this.brisk = body.kind === 'choice';
    this.await();
    this.bottom();
  }

  private submit(): void {
    const { box } = this.f;
    if (this.left() < 0) return this.alarm(this.say('tooLong', { n: -this.left() }));
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

  fill(body: Record<string, unknown>): void {
    this.post('/v1/messages', body);
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
    this.post('/v1/handoff', { kind: 'choice', text: this.say('humanSaid') || this.say('human') });
  }

  // left is how many more letters may be written, as people count them: a
  // syllable or an emoji is one, whatever it is made of.
  private left(): number {
    const text = this.f.box.value.trim();
    return (this.config?.text || 2000) - (Intl.Segmenter ? [...new Intl.Segmenter().segment(text)] : [...text]).length;
  }

  private wrote(): void {
    const { box, send, hint } = this.f;
    const left = this.left();
    set(send, 'aria-disabled', !box.value.trim() || left < 0);
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
    set(this.f.send, 'aria-disabled', !box.value.trim());
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
    this.alarm(text);
    this.emit('error', text);
  }

  async exportData(): Promise<void> {
    this.menu(false);
    this.open();
    await download(this).catch((e) => this.tell(e));
  }
}
