const MAX_LENGTH = 2000;

// Plain segments alone: browsers and the router disagree about dots, escapes and other characters.
// What follows `?` or `#` cannot lead to another server.
const SAFE = /^\/(?:[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*\/?)?(?:[?#][^\s\\\p{Cc}]*)?$/u;

/** The value of `?next=` if it is a path of this page, else undefined: an address of another site
 * would make the sign-in an open redirect, which helps phishing.
 */
export function safeNextPath(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  return SAFE.test(value) ? value : undefined;
}
