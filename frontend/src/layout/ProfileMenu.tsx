import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut, Settings } from "lucide-react";
import { useTranslation } from "react-i18next";
import { clearPersonalData } from "@/api/personalData";
import { signOut } from "@/features/account/session";
import { LanguageChoice, ThemeChoice } from "@/ui/AppearanceChoices";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import type { MenuState } from "@/ui/MenuButton";
import { toast } from "@/ui/toast";

interface ProfileMenuProps {
  menu: MenuState;
  onShortcuts: () => void;
}

export default function ProfileMenu({ menu, onShortcuts }: ProfileMenuProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const onSignOut = async () => {
    try {
      await signOut();
    } catch {
      toast(t("error.network"));
      return;
    }
    clearPersonalData();
    // A full page load, so that no data of this user stays in memory for the next one.
    location.assign("/login");
  };
  return (
    <Menu {...menu} align="start" side="top">
      <MenuItem onSelect={() => navigate({ to: "/settings" })}>
        <Settings aria-hidden="true" size={16} />
        {t("account.settings")}
      </MenuItem>
      <MenuItem onSelect={onShortcuts}>
        <Keyboard aria-hidden="true" size={16} />
        {t("app.shortcuts")}
      </MenuItem>
      <MenuSeparator />
      <LanguageChoice />
      <ThemeChoice />
      <MenuSeparator />
      <MenuItem onSelect={onSignOut}>
        <LogOut aria-hidden="true" size={16} />
        {t("account.logout")}
      </MenuItem>
    </Menu>
  );
}
