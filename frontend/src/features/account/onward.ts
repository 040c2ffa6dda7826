/** Where a sign-in goes on, for `navigate` and `redirect`: `next`, which is a path that
 * `safeNextPath` has let through, else the chat. The administration is no page of the router's; the
 * server renders it.
 */
export function onward(next: string | undefined) {
  const href = next ?? "/";
  return { href, replace: true, reloadDocument: /^\/admin(?![^/?#])/.test(href) };
}
