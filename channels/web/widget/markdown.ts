// The small Markdown of Onki: **bold**, `code`, lists, links. Nodes are built
// one by one from an allow-list; whatever is not on it stays plain text.

import { h, set } from './dom';

const inline = /\*\*([^*\n]{1,500})\*\*|`([^`\n]{1,200})`|\[([^\]\n]{1,200})\]\(([^()\s]{1,500})\)|\b((?:https?:\/\/|mailto:|tel:)[^\s<>()"'`]{1,500}[^\s<>()"'`.,!?;:])/g;

/** safeLink returns the address if a reply may link to it: mail, telephone, or
 * one of the brand's hosts over the web. */
export function safeLink(address: string, hosts: string[]): string | undefined {
  let u: URL;
  try {
    u = new URL(address);
  } catch {
    return;
  }
  if (u.protocol === 'mailto:' || u.protocol === 'tel:') return u.href;
  const ours = hosts.some((x) => u.hostname === x || u.hostname.endsWith('.' + x));
  return (u.protocol === 'https:' || u.protocol === 'http:') && ours && !u.username ? u.href : undefined;
}

export function link(address: string, label: string, hosts: string[], hint: string): Node | string {
  const safe = safeLink(address, hosts);
  if (!safe) return label === address ? label : label + ' (' + address + ')';
  const web = safe.startsWith('http');
  return h('a', { href: safe, rel: 'noopener noreferrer', target: web ? '_blank' : undefined }, label, web && h('span', { class: 'vh' }, ' (' + hint + ')'));
}

function line(text: string, hosts: string[], hint: string): (Node | string)[] {
  const out: (Node | string)[] = [];
  let at = 0;
  for (const m of text.matchAll(inline)) {
    out.push(text.slice(at, m.index));
    at = m.index! + m[0].length;
    if (m[1]) out.push(h('strong', null, m[1]));
    else if (m[2]) out.push(h('code', null, m[2]));
    else out.push(link(m[4] || m[5], m[3] || m[5], hosts, hint));
  }
  return [...out, text.slice(at)];
}

/** markdown renders a reply's text. */
export function markdown(text: string, hosts: string[], hint: string): DocumentFragment {
  const out = document.createDocumentFragment();
  let block: HTMLElement | undefined;
  let kind = '';
  for (const l of text.split('\n')) {
    const m = /^\s{0,3}(?:([-*•])|(\d{1,2})[.)])\s+(.*)$/.exec(l);
    const next = m ? (m[1] ? 'ul' : 'ol') : l.trim() ? 'p' : '';
    if (!next) {
      kind = '';
      continue;
    }
    if (next !== kind || !block) {
      block = h(next as 'p');
      if (m && m[2]) set(block, 'start', m[2]);
      out.append(block);
    } else if (next === 'p') block.append(h('br'));
    kind = next;
    if (m) block.append(h('li', null, ...line(m[3], hosts, hint)));
    else block.append(...line(l, hosts, hint));
  }
  return out;
}

/** plain strips the marks, for the live region. */
export function plain(text: string): string {
  return text.replace(/\*\*|`/g, '').replace(/\[([^\]\n]*)\]\([^()\s]*\)/g, '$1');
}
