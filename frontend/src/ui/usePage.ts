import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

let isFirst = true;
let current = "";
const listeners = new Set<() => void>();

/** Names the page in the window's title and in the phone's bar, and brings the focus to its heading
 * when one came here from another page. Gives the heading's ref.
 */
export function usePage(title: string) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const name = t("app.name");
  useEffect(() => {
    document.title = title === name ? name : `${title} · ${name}`;
    current = title;
    for (const listener of listeners) listener();
  }, [title, name]);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return heading;
}

export function usePageTitle(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
