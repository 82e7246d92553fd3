// The style of what is rarely seen, fetched when it may be needed for the first
// time. The script names its hash: another file than the one it was built with
// is not taken.

declare const HASH: string;

let more: Promise<CSSStyleSheet> | undefined;

/** dress gives the chat the rest of its style. Without it everything is there
 * and works, plainer. */
export function dress(root: HTMLElement, server: string): void {
  more ??= fetch(server + '/widget.css', { integrity: HASH, credentials: 'omit' })
    .then((r) => r.text())
    .then((css) => new CSSStyleSheet().replace(css));
  more.then(
    (sheet) => (root.getRootNode() as ShadowRoot).adoptedStyleSheets?.push(sheet),
    () => (more = undefined),
  );
}
