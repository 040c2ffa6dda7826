import i18n from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = "daesa.language";
const load: Record<Language, () => Promise<{ default: object }>> = {
  ko: () => import("./ko"),
  en: () => import("./en"),
};

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The stored language, else the first of the browser's languages that the page has, else English.
 */
export function preferredLanguage(): Language {
  for (const name of [stored() ?? "", ...navigator.languages]) {
    const short = name.slice(0, 2).toLowerCase();
    if (short === "ko" || short === "en") return short;
  }
  return "en";
}

export async function setLanguage(language: Language, { keep = true } = {}): Promise<void> {
  if (!i18n.hasResourceBundle(language, "translation")) {
    i18n.addResourceBundle(language, "translation", (await load[language]()).default);
  }
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
  if (!keep) return;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Without storage, the choice lasts until the page is closed.
  }
}

export async function startI18n(language = preferredLanguage()): Promise<void> {
  await i18n.use(initReactI18next).init({
    resources: {},
    lng: language,
    fallbackLng: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await setLanguage(language, { keep: false });
}
