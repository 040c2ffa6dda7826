import { useTranslation } from "react-i18next";

/** Formats seconds since 1970 as a day in the page's language. */
export function useDay(): (seconds: number) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });
  return (seconds) => format.format(seconds * 1000);
}
