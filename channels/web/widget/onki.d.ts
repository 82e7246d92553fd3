// Types of the chat's JS API, for pages written in TypeScript. Copy this file
// beside your own types; nothing has to be installed.

export interface OnkiOptions {
  /** public key of your brand */
  key?: string;
  /** where Onki is served; the script's own address if left out */
  server?: string;
  /** "ko", "en" or another language the brand has words for; the page's if left out */
  lang?: string;
  theme?: 'auto' | 'light' | 'dark';
  side?: 'left' | 'right';
  /** colour of the launcher before the brand's own is known */
  accent?: string;
  /** "page" fills the window instead of floating over it */
  mode?: 'bubble' | 'page';
  /** selector of a button of your own instead of the launcher */
  launcher?: string;
  /** returns a fresh JWT made by your server; asked for again when it expires */
  getToken?: () => string | Promise<string>;
  /** the easy start: the name of the user … */
  user?: string;
  /** … and its HMAC, made by your server */
  hash?: string;
}

export interface OnkiEvents {
  ready: undefined;
  open: undefined;
  close: undefined;
  message: { text: string; from: string };
  unread: number;
  owner: 'bot' | 'waiting' | 'person';
  consent: { analysis: boolean };
  error: string;
}

export interface OnkiApi {
  (verb: 'boot' | 'update', options: OnkiOptions): void;
  (verb: 'identify', who: Pick<OnkiOptions, 'getToken' | 'user' | 'hash'>): void;
  (verb: 'open' | 'close' | 'toggle' | 'showLauncher' | 'hideLauncher' | 'handoff' | 'exportData' | 'deleteData' | 'shutdown' | 'reset'): void;
  (verb: 'compose' | 'send', text: string): void;
  (verb: 'context', facts: Record<string, string>): void;
  (verb: 'theme', theme: 'auto' | 'light' | 'dark'): void;
  (verb: 'lang', lang: string): void;
  /** returns a function that ends it; undefined while the script has not come yet */
  <E extends keyof OnkiEvents>(verb: 'on', event: E, listener: (detail: OnkiEvents[E]) => void): (() => void) | undefined;
}

declare global {
  interface Window {
    Onki: OnkiApi;
  }
  interface HTMLElementTagNameMap {
    'onki-chat': HTMLElement;
  }
}
