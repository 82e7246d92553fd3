// The connection: a session, an outbox that loses nothing, and one stream of
// events per browser, shared by its tabs.

import { on } from './dom';
import { Store, type Item } from './store';
import type { Event_, Options, Session } from './types';

export interface Listener {
  session(s: Session, fresh: boolean): void;
  event(e: Event_): void;
  typing(): void;
  banner(text: string): void;
  outbox(): void;
  state(): void;
  settled(item: Item, seq: number): void;
}

export class Problem extends Error {
  constructor(public status: number, public type: string, title: string, public wait: number) {
    super(title);
  }
}

type Shared = { e?: Event_; typing?: 1; banner?: string; out?: 1; gone?: 1 };

const sleep = (ms: number) => new Promise<void>((r) => setTimeout(r, ms));
const silence = 45_000; // longer without a sign of life means the stream is dead

export class Link {
  last = 0;
  up = false; // a session is there and the server answers
  refused = ''; // why there is no chat, when the server will not have us
  session?: Session;
  private closed = new AbortController();
  private channel?: BroadcastChannel;
  private opening?: Promise<Session | undefined>;
  private flushing = false;
  private back = 0;
  private fails = 0; // streams in a row that never came to be
  private wakers = new Set<() => void>();
  private filling?: Promise<void>;
  private leading?: AbortController;

  constructor(private o: Options, private lang: string, readonly store: Store, private to: Listener) {
    const signal = this.closed.signal;
    on(window, 'online', () => this.nudge(), { signal });
    on(window, 'offline', () => {
      this.leading?.abort(); // the stream would notice much later
      this.setUp(false);
    }, { signal });
    on(document, 'visibilitychange', () => document.hidden || this.nudge(), { signal });
  }

  /** start opens the session and keeps it open until close. */
  async start(): Promise<void> {
    let fails = 0;
    while (!this.closed.signal.aborted && !(await this.open())) {
      if (this.refused) return;
      await this.pause(fails++);
    }
    if (!this.closed.signal.aborted) this.lead();
  }

  close(): void {
    this.closed.abort();
    this.leading?.abort();
    this.channel?.close();
    this.rouse();
  }

  private rouse(): void {
    this.wakers.forEach((w) => w());
    this.wakers.clear();
  }

  private nudge(): void {
    this.rouse();
    void this.flush();
  }

  private setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    this.to.state();
  }

  // pause waits longer after each failure, with chance in it so that many
  // browsers do not come back in the same moment; being online again ends it.
  private pause(fails: number, atLeast = 0): Promise<void> {
    const wait = Math.max(atLeast, Math.min(30_000, 500 * 2 ** fails) * (0.5 + Math.random()));
    return Promise.race([sleep(wait), new Promise<void>((r) => this.wakers.add(r))]);
  }

  /** open begins or renews the session. */
  open(): Promise<Session | undefined> {
    return (this.opening ??= this.begin().finally(() => (this.opening = undefined)));
  }

  private async begin(): Promise<Session | undefined> {
    const { key, user, hash, getToken } = this.o;
    const saved = this.store.saved;
    try {
      const jwt = getToken ? await getToken() : undefined;
      const s: Session = await this.call('POST', '/v1/session', { key, lang: this.lang, visitor: saved.visitor, jwt, user, hash }, true);
      const fresh = !this.session || this.session.epoch !== s.epoch || this.session.thread !== s.thread;
      const before = this.session;
      this.session = s;
      this.store.save({ visitor: s.visitor, epoch: s.epoch, thread: s.thread });
      this.refused = '';
      if (fresh) {
        this.last = s.last;
        if (before?.thread !== s.thread) this.share(s.thread);
        this.to.session(s, true);
      } else {
        this.to.session(s, false);
        if (s.first > this.last + 1) await this.fill();
        for (const e of s.events) this.take(e);
      }
      this.setUp(true);
      void this.flush();
      return s;
    } catch (e) {
      if (e instanceof Problem && (e.status === 403 || (e.status === 401 && e.type === 'identity'))) {
        this.refused = e.message;
        this.to.state();
      }
      this.setUp(false);
    }
  }

  // ask makes one request and returns the answer if it is a good one.
  private async ask(path: string, init: RequestInit & { headers?: Record<string, string> }, limit: AbortSignal, open?: boolean): Promise<Response> {
    const r = await fetch(this.o.server + path, {
      ...init,
      headers: { 'Accept-Language': this.lang, ...(!open && { Authorization: 'Bearer ' + this.session?.token }), ...init.headers },
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.any([this.closed.signal, limit]),
    });
    if (r.ok) return r;
    const p = await r.json().catch(() => ({}));
    throw new Problem(r.status, String(p.type).split(':').pop()!, p.title || '', 1000 * Number(r.headers.get('Retry-After')));
  }

  /** call makes one call; an expired token is renewed once. */
  async call<T>(method: string, path: string, body?: unknown, open?: boolean): Promise<T> {
    const form = body instanceof FormData;
    const go = async () => {
      const r = await this.ask(path, { method, headers: body && !form ? { 'Content-Type': 'application/json' } : {}, body: form ? body : body && JSON.stringify(body) as any }, AbortSignal.timeout(30_000), open);
      return (r.status === 204 ? undefined : await r.json()) as T;
    };
    try {
      return await go();
    } catch (e) {
      if (open || !(e instanceof Problem) || e.status !== 401 || !(await this.open())) throw e;
      return go();
    }
  }

  // --- what comes in -------------------------------------------------------

  // take shows an event once and in order; a hole is filled first.
  private take(e: Event_): void {
    if (e.seq <= this.last) return;
    if (e.seq > this.last + 1) {
      void this.fill();
      return;
    }
    this.last = e.seq;
    if (e.kind === 'message') this.forget(e.id!);
    this.to.event(e);
  }

  // fill asks for what came after the last event shown.
  private fill(): Promise<void> {
    return (this.filling ??= (async () => {
      try {
        await this.poll(0);
      } catch {
        // the stream brings it when it is back
      } finally {
        this.filling = undefined;
      }
    })());
  }

  private async poll(wait: number): Promise<void> {
    const r = await this.read('/v1/events?wait=' + wait, 'application/json', AbortSignal.timeout(silence));
    const p: { epoch: string; events: Event_[]; typing?: boolean; banner: string } = await r.json();
    if (p.epoch !== this.session?.epoch) return void (await this.open());
    for (const e of p.events) this.relay({ e });
    if (p.typing) this.relay({ typing: 1 });
    if (wait) this.relay({ banner: p.banner });
  }

  // read asks for events after the last one shown.
  private read(path: string, accept: string, limit: AbortSignal): Promise<Response> {
    return this.ask(path, { headers: { Accept: accept, 'Last-Event-ID': String(this.last) } }, limit);
  }

  // share lets the tabs of this browser hear what one of them receives.
  private share(thread: string): void {
    this.channel?.close();
    if (!('BroadcastChannel' in globalThis)) return;
    this.channel = new BroadcastChannel('onki:' + thread);
    this.channel.onmessage = (m: MessageEvent<Shared>) => this.hear(m.data);
  }

  private hear(m: Shared): void {
    if (m.e) {
      this.setUp(true);
      this.take(m.e);
    }
    if (m.typing) this.to.typing();
    if (m.banner !== undefined) this.to.banner(m.banner);
    if (m.out) this.to.outbox();
    if (m.gone) void this.restart();
  }

  private relay(m: Shared): void {
    this.hear(m);
    this.channel?.postMessage(m);
  }

  private async restart(): Promise<void> {
    this.session = undefined;
    this.last = 0;
    this.leading?.abort();
    await this.open();
  }

  // lead waits for its turn to hold the browser's one stream, and holds it.
  private lead(): void {
    const thread = this.session!.thread;
    const run = () => this.run(thread);
    const signal = this.closed.signal;
    if (!navigator.locks) return void run();
    navigator.locks.request('onki:' + thread, { signal }, run).catch(() => undefined);
  }

  private async run(thread: string): Promise<void> {
    let polls = 0;
    this.fails = 0;
    while (!this.closed.signal.aborted) {
      if (this.session && this.session.thread !== thread) return this.lead();
      let wait = 0;
      try {
        if (!this.session && !(await this.open())) throw 0;
        if (this.fails < 4) await this.stream();
        else {
          await this.poll(20); // a proxy holds streams back
          if (++polls % 20 === 0) this.fails = 0; // does it still?
          continue;
        }
      } catch (e) {
        if (this.closed.signal.aborted) return;
        this.fails++;
        if (!(e instanceof Problem)) this.setUp(false);
        else if (e.status === 401) await this.open();
        else wait = e.wait;
      }
      await this.pause(this.fails, wait || this.back);
    }
  }

  // stream reads events until the connection ends. It throws when it never
  // came to be or fell silent.
  private async stream(): Promise<void> {
    const stop = (this.leading = new AbortController());
    const r = await this.read('/v1/events', 'text/event-stream', stop.signal);
    const reader = r.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const watch = setTimeout(() => stop.abort(), silence);
      const { done, value } = await reader.read().finally(() => clearTimeout(watch));
      if (done) return;
      this.setUp(true);
      text += value;
      const frames = text.split('\n\n');
      text = frames.pop()!;
      for (const f of frames) if (await this.frame(f)) return reader.cancel();
    }
  }

  // frame takes one event. It reports whether the stream is of no use any more:
  // the history is another one, and the place to go on from with it.
  private async frame(f: string): Promise<boolean | void> {
    const field = (n: string) => f.split('\n').find((l) => l.startsWith(n + ': '))?.slice(n.length + 2);
    const name = field('event');
    this.back = Number(field('retry')) || 0; // a server about to stop spreads the return of many
    if (!name) return;
    const data = JSON.parse(field('data')!);
    if (name === 'hello') {
      this.fails = 0;
      if (data.epoch !== this.session?.epoch) return await this.open(), true;
      void this.flush();
    } else if (name === 'typing') this.relay({ typing: 1 });
    else if (name === 'banner') this.relay({ banner: data });
    else this.relay({ e: data });
  }

  // --- what goes out -------------------------------------------------------

  /** send puts something into the outbox: it goes out once, now or later. */
  send(path: string, body: Record<string, unknown>): Item {
    const cid = [...crypto.getRandomValues(new Uint8Array(18))].map((b) => b.toString(36).padStart(2, '0')).join('');
    const item: Item = { cid, path, body: { ...body, cid }, at: Date.now() };
    this.store.outbox = [...this.store.outbox, item];
    this.changed();
    void this.flush();
    return item;
  }

  retry(cid: string): void {
    this.store.outbox = this.store.outbox.map((i) => (i.cid === cid ? { ...i, error: undefined } : i));
    this.changed();
    void this.flush();
  }

  /** forget takes an item out of the outbox. */
  forget(cid: string): void {
    const rest = this.store.outbox.filter((i) => i.cid !== cid);
    if (rest.length === this.store.outbox.length) return;
    this.store.outbox = rest;
    this.changed();
  }

  private changed(): void {
    this.to.outbox();
    this.channel?.postMessage({ out: 1 } satisfies Shared);
  }

  // flush sends the outbox in order. One tab does it at a time; if two ever
  // did, the server would drop the repeats.
  async flush(): Promise<void> {
    if (this.flushing || !this.session || this.closed.signal.aborted) return;
    this.flushing = true;
    const run = async () => {
      let fails = 0;
      for (let i; (i = this.store.outbox.find((x) => !x.error)) && !this.closed.signal.aborted; ) {
        try {
          const a = await this.call<{ seq: number }>('POST', i.path, { ...i.body, after: this.last });
          fails = 0;
          this.setUp(true);
          this.to.settled(i, a.seq);
          this.forget(i.cid);
        } catch (e) {
          if (e instanceof Problem && e.status < 500 && e.status !== 429 && e.status !== 401) {
            const { cid } = i;
            this.store.outbox = this.store.outbox.map((x) => (x.cid === cid ? { ...x, error: e.message || String(e.status) } : x));
            this.changed();
            continue;
          }
          if (!(e instanceof Problem)) this.setUp(false);
          await this.pause(fails++, e instanceof Problem ? e.wait : 0);
        }
      }
    };
    try {
      if (navigator.locks) await navigator.locks.request('onki-send:' + this.session.thread, { signal: this.closed.signal }, run);
      else await run();
    } catch {
      // closed meanwhile
    } finally {
      this.flushing = false;
    }
    if (this.store.outbox.some((x) => !x.error) && !this.closed.signal.aborted) void this.flush();
  }

  /** erase deletes the conversation on the server and starts anew here. */
  async erase(): Promise<void> {
    await this.call('DELETE', '/v1/me');
    this.store.clear();
    this.channel?.postMessage({ gone: 1 } satisfies Shared);
    await this.restart();
  }
}
