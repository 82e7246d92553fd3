// <onki-chat>, the one-line embed and the JS API.

import { Chat } from './chat';
import css from 'sheet';
import en from './words/en.json';
import ko from './words/ko.json';
import type { Options } from './types';

type Handler = (detail: unknown) => void;
const script = document.currentScript as HTMLScriptElement | null;
const home = script?.src ? new URL(script.src).origin : '';
const words: Record<string, Record<string, string>> = { ko, en };
const handlers = new Map<string, Set<Handler>>();

let sheet: CSSStyleSheet | undefined;
let current: OnkiChat | undefined;
let options: Options = {};

function language(want?: string | null): string {
  for (const l of [want, document.documentElement.lang, ...navigator.languages]) {
    const short = l?.slice(0, 2).toLowerCase();
    if (short && (words[short] || l === want)) return short;
  }
  return 'en';
}

class OnkiChat extends HTMLElement {
  static observedAttributes = ['key', 'lang'];
  chat?: Chat;
  own = false; // made by boot, not by the page
  placed = false; // attributes that are there from the beginning are no change

  connectedCallback(): void {
    this.placed = true;
    if (this.chat) return;
    const get = (n: string) => this.getAttribute(n) || undefined;
    const o = { server: home, ...options } as Options;
    for (const n of ['key', 'server', 'lang', 'theme', 'side', 'accent', 'mode', 'launcher', 'user', 'hash'] as const) {
      const v = get(n);
      if (v) Object.assign(o, { [n]: v });
    }
    if (!o.key) return;
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    const shadow = this.shadowRoot || this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet];
    const lang = language(o.lang);
    this.chat = new Chat(o, lang, { ...en, ...words[lang] }, (name, detail) => this.tell(name, detail));
    shadow.replaceChildren(this.chat.f.root);
    current = this;
    if (o.launcher) {
      this.chat.f.launcher.hidden = true;
      document.querySelector(o.launcher)?.addEventListener('click', () => this.chat?.toggle());
    }
  }

  disconnectedCallback(): void {
    // A page that swaps its body takes the chat along or gets it back; only one
    // that was taken away on purpose is shut down.
    setTimeout(() => {
      if (this.isConnected) return;
      if (this === current && this.own) document.body.append(this);
      else this.end();
    });
  }

  attributeChangedCallback(_: string, was: string | null, is: string | null): void {
    if (was === is || !this.placed || !this.isConnected) return;
    this.end();
    this.connectedCallback();
  }

  end(): void {
    this.chat?.destroy();
    this.chat = undefined;
  }

  private tell(name: string, detail: unknown): void {
    handlers.get(name)?.forEach((fn) => fn(detail));
    this.dispatchEvent(new CustomEvent('onki:' + name, { detail, bubbles: true, composed: true }));
  }
}

const chat = () => current?.chat;

function boot(o: Options): void {
  const was = chat()?.isOpen;
  options = { ...options, ...o };
  shutdown();
  const e = document.createElement('onki-chat') as OnkiChat;
  e.own = true;
  document.body.append(e);
  if (was) e.chat?.open();
}

function shutdown(): void {
  const e = current;
  current = undefined;
  e?.remove();
  e?.end();
}

const api: Record<string, (...a: never[]) => unknown> = {
  boot,
  shutdown,
  reset: () => {
    chat()?.store.clear(); // the next person at this browser starts with nothing
    options = { ...options, user: undefined, hash: undefined, getToken: undefined };
    boot(options);
  },
  open: () => chat()?.open(),
  close: () => chat()?.close(),
  toggle: () => chat()?.toggle(),
  showLauncher: () => chat() && (chat()!.f.launcher.hidden = false),
  hideLauncher: () => chat() && (chat()!.f.launcher.hidden = true),
  identify: (who: Pick<Options, 'getToken' | 'user' | 'hash'>) => boot(who), // another person is another conversation
  update: (o: Options) => boot(o),
  compose: (text: string) => chat()?.compose(text),
  send: (text: string) => (chat()?.open(), chat()?.send(text)),
  context: (facts: Record<string, string>) => chat()?.context(facts),
  theme: (t: string) => chat()?.theme(t),
  lang: (l: string) => boot({ lang: l }),
  handoff: () => chat()?.handoff(),
  exportData: () => chat()?.exportData(),
  deleteData: () => chat()?.link?.erase(),
  on: (name: string, fn: Handler) => {
    const set = handlers.get(name) || new Set();
    handlers.set(name, set.add(fn));
    return () => set.delete(fn);
  },
};

interface Queue {
  (verb: string, ...args: unknown[]): unknown;
  q?: ArrayLike<unknown>[];
}
const page = globalThis as unknown as { Onki?: Queue };

function run(verb: string, ...args: unknown[]): unknown {
  const f = api[verb] as ((...a: unknown[]) => unknown) | undefined;
  if (!f) throw new TypeError('Onki: unknown verb ' + verb);
  return f(...args);
}

function start(): void {
  const early = page.Onki?.q || [];
  page.Onki = run;
  if (!customElements.get('onki-chat')) customElements.define('onki-chat', OnkiChat);
  const d = script?.dataset;
  const booted = early.some((c) => c[0] === 'boot');
  if (d?.key && !booted && !document.querySelector('onki-chat')) boot(d as Options);
  for (const c of early) {
    const [verb, ...args] = Array.from(c) as [string, ...unknown[]];
    run(verb, ...args);
  }
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start);
