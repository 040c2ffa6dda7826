import { useEffect, useRef } from "react";
import { type ConversationWithChats, loadAll } from "./api";
import { renderAll } from "./useGradually";

/** Ctrl+P prints the whole conversation, also the earlier chats that are not loaded yet. The
 * browser's own menu cannot wait for them; the print then says that they are missing.
 */
export function usePrinting(conversation: ConversationWithChats | undefined): void {
  const id = conversation?.id;
  const isWhole = !conversation || conversation.chats.length >= conversation.chat_count;
  const isAskedFor = useRef(false);
  useEffect(() => {
    const print = () => {
      isAskedFor.current = false;
      requestAnimationFrame(() => {
        renderAll();
        window.print();
      });
    };
    if (isWhole && isAskedFor.current) print();
    if (isWhole || id === undefined) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      isAskedFor.current = true;
      loadAll(id).catch(print); // prints the chats that are loaded
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [id, isWhole]);
}
