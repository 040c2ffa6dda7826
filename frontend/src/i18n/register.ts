/** Adds texts that only some pages need: each name of `texts` is a namespace. */
import i18n from "i18next";

type Texts = Record<string, object>;

export function register(texts: { en: Texts; ko: Texts }): void {
  const add = () => {
    for (const [language, namespaces] of Object.entries(texts)) {
      for (const [name, keys] of Object.entries(namespaces)) {
        i18n.addResourceBundle(language, name, keys);
      }
    }
  };
  i18n.on("initialized", add);
  if (i18n.isInitialized) add();
}
