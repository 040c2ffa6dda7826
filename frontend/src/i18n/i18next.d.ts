import "i18next";
import type { en as authorize } from "./authorize";
import type en from "./en";
import type { en as factor } from "./factor";
import type { en as providers } from "./providers";
import type { en as settings } from "./settings";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en; providers: typeof providers } & typeof authorize &
      typeof factor &
      typeof settings;
  }
}
