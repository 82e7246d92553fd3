// What the server says; see wire.go and session.go.

export interface Choice {
  id?: string;
  label: string;
  note?: string;
  url?: string;
}
export interface Card {
  title: string;
  rows?: { label: string; value: string }[];
  choices?: Choice[];
}
export interface Form {
  id: string;
  submit: string;
  rows: { name: string; label: string; kind: string; required?: boolean; hint?: string; value?: string; error?: string; choices?: Choice[] }[];
}
export interface FileInfo {
  name: string;
  type: string;
  size: number;
  url?: string;
}
export interface Part {
  text?: string;
  safety?: boolean;
  cards?: Card[];
  form?: Form;
  choices?: Choice[];
  sources?: { title: string; url?: string }[];
  files?: FileInfo[];
}
export interface Event_ {
  seq: number;
  kind: 'message' | 'reply' | 'owner';
  id?: string;
  text?: string;
  parts?: Part[];
  files?: FileInfo[];
  from?: string;
  lang?: string;
  owner?: 'bot' | 'waiting' | 'person';
  rate?: boolean;
  time: string;
}
export interface Config {
  name: string;
  accent?: string;
  person?: string;
  hours?: string;
  greeting?: string;
  notice?: string;
  privacy?: string;
  starters?: Choice[];
  links?: string[];
  context: string[];
  words?: Record<string, string>;
  text: number;
  files: number;
  link?: string;
  erase: boolean;
}
export interface Session {
  token: string;
  visitor?: string;
  thread: string;
  epoch: string;
  owner: 'bot' | 'waiting' | 'person';
  last: number;
  first: number;
  events: Event_[];
  config: Config;
  banner?: string;
}

/** Options of boot and update. */
export interface Options {
  key?: string;
  server?: string;
  lang?: string;
  theme?: 'auto' | 'light' | 'dark';
  side?: 'left' | 'right';
  accent?: string;
  mode?: 'bubble' | 'page';
  launcher?: string; // selector of the page's own button
  getToken?: () => string | Promise<string>; // a fresh JWT from the brand's server
  user?: string; // the easy start: the user's name …
  hash?: string; // … and its HMAC
}
