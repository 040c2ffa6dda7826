/** How the router reads and writes the query of an address. */
import { parseSearchWith, stringifySearchWith } from "@tanstack/react-router";
import { safeNextPath } from "./safeNextPath";

/** The value of a JSON text that `JSON.stringify` would write in the same way; throws for any other
 * text, which stays a text. The router rewrites addresses: by its default, `1.0` would become `1`,
 * and the `state` of a program must come back as it was.
 */
function exactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (JSON.stringify(value) !== text) throw new SyntaxError("not exact");
  if (typeof value === "string") exactJson(value); // else it needs no quotation marks
  return value;
}

const parse = parseSearchWith(exactJson);

/** Parses the query of every address. `next` is checked here and not in `validateSearch`, because
 * the router also hands over what `validateSearch` leaves out.
 */
export function parseSearch(text: string): Record<string, unknown> {
  const { next, ...rest } = parse(text) as Record<string, unknown>;
  const safe = safeNextPath(next);
  return safe === undefined ? rest : { ...rest, next: safe };
}

export const stringifySearch = stringifySearchWith(JSON.stringify, exactJson);
