/** Which of a conversation's branches is shown. Pure: chats and choices in, a path out. */
import type { Chat } from "@/api/client";

/** The chosen chat among those that follow the same one; the key "" is the beginning. */
export type Choices = Readonly<Record<string, number>>;

export interface Step {
  chat: Chat;
  /** The chat with its other versions, the oldest first. */
  versions: readonly number[];
}

/** The chats from the first to the last of the shown branch: the chosen one at each fork, else the
 * one that leads to the newest chat.
 */
export function pathOf(chats: readonly Chat[], choices: Choices): Step[] {
  const known = new Set(chats.map(({ id }) => id));
  const newest = newestBelow(chats);
  const followers = new Map<string, Chat[]>();
  for (const chat of chats) {
    const isTop = chat.parent === null || !known.has(chat.parent);
    const place = isTop ? "" : String(chat.parent);
    followers.set(place, [...(followers.get(place) ?? []), chat]);
  }
  const path: Step[] = [];
  let place = "";
  while (true) {
    const found: Chat[] = followers.get(place) ?? [];
    const chosen = found.find(({ id }) => id === choices[place]);
    const chat =
      chosen ?? found.toSorted((a, b) => (newest.get(a.id) ?? 0) - (newest.get(b.id) ?? 0)).at(-1);
    if (!chat) return path;
    const versions = found.filter(({ parent }) => parent === chat.parent).map(({ id }) => id);
    path.push({ chat, versions });
    place = String(chat.id);
  }
}

/** The number of the newest chat at or below each one. A follower is newer than what it follows. */
function newestBelow(chats: readonly Chat[]): Map<number, number> {
  const newest = new Map<number, number>();
  for (const chat of chats.toSorted((a, b) => b.id - a.id)) {
    const own = Math.max(chat.id, newest.get(chat.id) ?? 0);
    newest.set(chat.id, own);
    if (chat.parent !== null) {
      newest.set(chat.parent, Math.max(own, newest.get(chat.parent) ?? 0));
    }
  }
  return newest;
}
