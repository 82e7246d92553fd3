// Several things asked for at once, filled in and sent as one message.

import { button, h, on, set } from './dom';
import { sendOnEnter } from './ime';
import type { Look } from './items';
import type { Form } from './types';

const typed: Record<string, string> = {}; // what was filled in so far, should the form be asked again

let count = 0;

/** formNode draws a form. A field that cannot be sent says why, beside itself and
 * to screen readers, and the first of them gets the focus. */
export function formNode(f: Form, look: Look): HTMLElement {
  const fields = f.rows.map((x) => {
    const id = 'f' + count++;
    const key = f.id + '.' + x.name;
    const choice = x.kind === 'choice';
    const input = choice ? h('select', null, h('option', { value: '' }, '–'), ...(x.choices || []).map((c) => h('option', { value: c.id }, c.label))) : h('input', { type: x.kind, autocomplete: x.kind === 'email' ? x.kind : 'off' });
    input.id = id;
    input.required = !!x.required;
    input.value = x.value || typed[key] || '';
    on(input, 'input', () => (typed[key] = input.value));
    if (!choice) sendOnEnter(input as HTMLInputElement, send);
    const wrong = h('p', { class: 'wrong', id: id + 'e' });
    const judge = (why?: string) => {
      wrong.textContent = why || '';
      set(input, 'aria-invalid', !!why);
    };
    set(input, 'aria-describedby', id + 'e ' + id + 'h');
    judge(x.error);
    return { x, input, judge, node: h('div', { class: 'field' }, h('label', { for: id }, x.label + (x.required ? '' : ' (' + look.say('optional') + ')')), input, wrong, x.hint && h('p', { id: id + 'h' }, x.hint)) };
  });
  function send(): void {
    let first: HTMLElement | undefined;
    for (const { x, input, judge } of fields) {
      const why = input.checkValidity() ? '' : look.say(input.value ? 'unfit' : 'missing');
      judge(why);
      if (!why || first) continue;
      first = input;
      look.alarm(x.label + ': ' + why);
    }
    if (first) return first.focus();
    const values: Record<string, string> = {};
    const lines = fields.map(({ x, input }) => {
      values[x.name] = input.value;
      return input.value && x.label + ': ' + (x.choices?.find((c) => c.id === input.value)?.label || input.value);
    });
    look.fill({ kind: 'form', form: f.id, values, text: lines.filter(Boolean).join('\n') });
  }
  return h('div', { class: 'box form', part: 'form', role: 'group', 'aria-label': fields.map(({ x }) => x.label).join(', ') }, ...fields.map((x) => x.node), button('pill', send, f.submit));
}
