import { type RefObject, useEffect, useRef } from "react";
import { useIsTouch } from "@/ui/useMedia";

/** Puts the focus into the composer when a conversation is opened (`id` null: a new one), so that
 * one can type at once. Not on a touch screen, whose keyboard would cover the page, and not out of
 * a field or a dialog. When a new conversation that is being answered gets its id, the focus stays.
 */
export function useComposerFocus(
  field: RefObject<HTMLTextAreaElement | null>,
  id: number | null,
  isAnswering: boolean,
): void {
  const isTouch = useIsTouch();
  const before = useRef(id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only opening a conversation counts
  useEffect(() => {
    const focus = () => {
      if (isTouch || isInUse(document.activeElement)) return;
      field.current?.focus({ preventScroll: true });
    };
    const gotItsId = before.current === null && id !== null && isAnswering;
    before.current = id;
    // In a task of its own, because a focus has the page laid out.
    const timer = gotItsId ? undefined : setTimeout(focus);
    // From a link to a new chat, which opens nothing in one that has not begun.
    addEventListener("newchat", focus);
    return () => {
      clearTimeout(timer);
      removeEventListener("newchat", focus);
    };
  }, [id]);
}

function isInUse(active: Element | null): boolean {
  const isField = active?.closest("input, textarea, select, [contenteditable], [role=menu]");
  return !!isField || document.querySelector("[role=dialog][data-state=open]") !== null;
}
