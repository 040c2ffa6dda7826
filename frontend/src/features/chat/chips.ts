/** Puts a mark for each citation into the tree of an answer, behind the words that it is about. */
import type { Element, ElementContent, Root, Text } from "hast";
import type { Citation } from "@/api/client";

export interface Placed {
  citation: Citation;
  index: number;
}

/** What belongs to the quoted words: closing marks, a full stop, a Korean particle. */
const REST_OF_WORD = /^\S{1,8}(?=\s|$)/;
const CLOSING = /^[”"’'」』》〉)\]]+/;

/** A rehype plugin. What cannot be found within one run of text is marked at the end. */
export function chips(placed: readonly Placed[]) {
  return (tree: Root) => {
    for (const one of placed) {
      if (!insert(tree, one)) lastElement(tree).children.push(chip(one));
    }
  };
}

function insert(parent: Root | Element, one: Placed): boolean {
  for (const [at, child] of parent.children.entries()) {
    if (child.type === "element") {
      if (child.tagName !== "code" && insert(child, one)) return true;
    } else if (child.type === "text") {
      const end = endOf(child, one.citation.text);
      if (end === null) continue;
      const parts: ElementContent[] = [
        { type: "text", value: child.value.slice(0, end) },
        chip(one),
        { type: "text", value: child.value.slice(end) },
      ];
      parent.children.splice(at, 1, ...parts);
      return true;
    }
  }
  return false;
}

function endOf(node: Text, quoted: string): number | null {
  const at = node.value.indexOf(quoted);
  if (at < 0) return null;
  const end = at + quoted.length;
  const rest = node.value.slice(end);
  return end + ((REST_OF_WORD.exec(rest) ?? CLOSING.exec(rest))?.[0].length ?? 0);
}

function chip({ index }: Placed): Element {
  return { type: "element", tagName: "cite-chip", properties: { index }, children: [] };
}

function lastElement(tree: Root): Root | Element {
  const last = tree.children.findLast((child) => child.type === "element");
  return last && ["p", "blockquote", "ul", "ol"].includes(last.tagName) ? last : tree;
}
