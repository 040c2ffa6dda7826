import { Languages, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Language, setLanguage } from "@/i18n";
import { IconButton } from "./Button";
import { Menu, MenuChoice } from "./Menu";
import { setTheme, THEMES, useTheme } from "./theme";

export const LANGUAGE_NAMES = [
  { value: "ko", label: "한국어", lang: "ko" },
  { value: "en", label: "English", lang: "en" },
] as const;

export function LanguageChoice() {
  const { t, i18n } = useTranslation();
  return (
    <MenuChoice
      label={t("app.language")}
      value={i18n.language as Language}
      options={LANGUAGE_NAMES}
      onChange={setLanguage}
    />
  );
}

export function ThemeChoice() {
  const { t } = useTranslation();
  const theme = useTheme();
  const options = THEMES.map((value) => ({ value, label: t(`app.themes.${value}`) }));
  return <MenuChoice label={t("app.theme")} value={theme} options={options} onChange={setTheme} />;
}

/** Menus for language and theme, on pages without a profile menu. */
export function Appearance() {
  const { t } = useTranslation();
  return (
    <div className="flex">
      <Menu
        trigger={
          <IconButton label={t("app.language")}>
            <Languages aria-hidden="true" size={20} />
          </IconButton>
        }
      >
        <LanguageChoice />
      </Menu>
      <Menu
        trigger={
          <IconButton label={t("app.theme")}>
            <SunMoon aria-hidden="true" size={20} />
          </IconButton>
        }
      >
        <ThemeChoice />
      </Menu>
    </div>
  );
}
