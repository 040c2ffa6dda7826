import { type RefObject, useEffect, useRef } from "react";
import { useIsTouch } from "@/ui/useMedia";

let focusOpened = () => {};

/** For links to a new chat, which open nothing in one that has not begun. */
export function focusComposer(): void {
  focusOpened();
}

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
  useEffect(() => {
    focusOpened = () => {
      if (isTouch || isInUse(document.activeElement)) return;
      field.current?.focus({ preventScroll: true });
    };
    return () => {
      focusOpened = () => {};
    };
  }, [field, isTouch]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only opening a conversation counts
  useEffect(() => {
    const gotItsId = before.current === null && id !== null && isAnswering;
    before.current = id;
    if (!gotItsId) focusOpened();
  }, [id]);
}

function isInUse(active: Element | null): boolean {
  const isField = active?.closest("input, textarea, select, [contenteditable], [role=menu]");
  return !!isField || document.querySelector("[role=dialog][data-state=open]") !== null;
}
