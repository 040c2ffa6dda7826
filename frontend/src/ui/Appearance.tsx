import { Languages, SunMoon } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import { MenuButton } from "./MenuButton";

const loadMenu = () => import("./AppearanceChoices");
const AppearanceMenu = lazy(loadMenu);

/** Menus for language and theme, on pages without a profile menu. */
export function Appearance() {
  const { t } = useTranslation();
  return (
    <div className="flex">
      <MenuButton
        load={loadMenu}
        button={
          <IconButton label={t("app.language")}>
            <Languages aria-hidden="true" size={20} />
          </IconButton>
        }
      >
        {(menu) => <AppearanceMenu menu={menu} of="language" />}
      </MenuButton>
      <MenuButton
        load={loadMenu}
        button={
          <IconButton label={t("app.theme")}>
            <SunMoon aria-hidden="true" size={20} />
          </IconButton>
        }
      >
        {(menu) => <AppearanceMenu menu={menu} of="theme" />}
      </MenuButton>
    </div>
  );
}
