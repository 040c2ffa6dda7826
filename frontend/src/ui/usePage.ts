import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { createStore, useStore } from "@/createStore";

let isFirst = true;
const pageTitle = createStore("");

/** Sets the page's title in the window and in a phone's top bar, and moves the focus to the page's
 * heading unless it is the first page. Returns the ref of the heading.
 */
export function usePage(title: string) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const name = t("app.name");
  useEffect(() => {
    document.title = title === name ? name : `${title} · ${name}`;
    pageTitle.set(title);
  }, [title, name]);
  useEffect(() => {
    if (!isFirst) {
      heading.current?.focus({ preventScroll: true });
      // What the server has written for the first page; browsers share this address.
      document.querySelector('link[rel="canonical"]')?.remove();
    }
    isFirst = false;
  }, []);
  return heading;
}

export function usePageTitle(): string {
  return useStore(pageTitle);
}
