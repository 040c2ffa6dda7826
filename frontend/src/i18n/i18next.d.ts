import "i18next";
import type { en as authorize } from "./authorize";
import type { en as card } from "./card";
import type { en as embed } from "./embed";
import type en from "./en";
import type { en as factor } from "./factor";
import type { en as line } from "./line";
import type { en as providers } from "./providers";
import type { en as quotation } from "./quotation";
import type { en as report } from "./report";
import type { en as settings } from "./settings";
import type { en as shortcuts } from "./shortcuts";
import type { en as statistics } from "./statistics";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en; providers: typeof providers } & typeof authorize &
      typeof embed &
      typeof card &
      typeof factor &
      typeof line &
      typeof quotation &
      typeof report &
      typeof settings &
      typeof shortcuts &
      typeof statistics;
  }
}
