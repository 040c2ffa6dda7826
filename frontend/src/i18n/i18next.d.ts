import "i18next";
import type en from "./en";
import type { en as providers } from "./providers";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en; providers: typeof providers };
  }
}
