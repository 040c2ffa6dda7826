/** Which branch of a conversation is shown: pure functions of its chats and the user's choices. */
import type { Chat } from "@/api/client";

/** The chosen chat among those with the same parent, by the parent's id; "" for those without one.
 */
export type Choices = Readonly<Record<string, number>>;

export interface Step {
  chat: Chat;
  /** The ids of all versions of the question, the oldest first. */
  versions: readonly number[];
}

/** The shown branch from its first to its last chat: at each fork the chosen one, else the one that
 * leads to the newest chat.
 */
export function shownBranch(chats: readonly Chat[], choices: Choices): Step[] {
  const known = new Set(chats.map(({ id }) => id));
  const newest = newestBelow(chats);
  const children = new Map<string, Chat[]>();
  for (const chat of chats) {
    const isTop = chat.parent === null || !known.has(chat.parent);
    const parentKey = isTop ? "" : String(chat.parent);
    children.set(parentKey, [...(children.get(parentKey) ?? []), chat]);
  }
  const branch: Step[] = [];
  let parentKey = "";
  while (true) {
    const found: Chat[] = children.get(parentKey) ?? [];
    const chosen = found.find(({ id }) => id === choices[parentKey]);
    const chat =
      chosen ?? found.toSorted((a, b) => (newest.get(a.id) ?? 0) - (newest.get(b.id) ?? 0)).at(-1);
    if (!chat) return branch;
    const versions = found.filter(({ parent }) => parent === chat.parent).map(({ id }) => id);
    branch.push({ chat, versions });
    parentKey = String(chat.id);
  }
}

/** The choices by which the shown branch has this chat; none if it is not among the chats. */
export function choicesTo(chats: readonly Chat[], id: number | undefined): Choices {
  const byId = new Map(chats.map((chat) => [chat.id, chat]));
  const choices: Record<string, number> = {};
  let chat = byId.get(id ?? 0);
  while (chat) {
    const parent = byId.get(chat.parent ?? 0);
    choices[parent?.id ?? ""] = chat.id;
    chat = parent;
  }
  return choices;
}

/** For each chat the id of the newest chat at or below it. A child's id is greater than its
 * parent's.
 */
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
