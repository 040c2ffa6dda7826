import { useTranslation } from "react-i18next";
import { type Language, setLanguage } from "@/i18n";
import { LANGUAGE_NAMES } from "./languages";
import { Menu, MenuChoice } from "./Menu";
import type { MenuState } from "./MenuButton";
import { setTheme, THEMES, useTheme } from "./theme";

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

interface AppearanceMenuProps {
  menu: MenuState;
  of: "language" | "theme";
}

export default function AppearanceMenu({ menu, of }: AppearanceMenuProps) {
  return <Menu {...menu}>{of === "language" ? <LanguageChoice /> : <ThemeChoice />}</Menu>;
}
