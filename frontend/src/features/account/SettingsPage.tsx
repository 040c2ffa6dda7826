import { Link, Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import {
  ArrowLeft,
  ChevronRight,
  History,
  KeyRound,
  MonitorSmartphone,
  SquareTerminal,
  Trash2,
  UserRound,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSettingsTranslation } from "@/i18n/settings";
import { useIsNarrow } from "@/ui/useMedia";
import { Heading } from "./settingsParts";

const SECTIONS = [
  { to: "/settings/profile", name: "profile", icon: UserRound },
  { to: "/settings/security", name: "security", icon: KeyRound },
  { to: "/settings/activity", name: "activity", icon: History },
  { to: "/settings/tokens", name: "tokens", icon: SquareTerminal },
  { to: "/settings/sessions", name: "sessions", icon: MonitorSmartphone },
  { to: "/settings/data", name: "data", icon: Trash2 },
] as const;

/** Links at the left; on a phone a list of its own, and a link back to it. */
export function SettingsPage() {
  const { t } = useTranslation();
  const isNarrow = useIsNarrow();
  const { pathname } = useRouterState({ select: ({ location }) => location });
  const isIndex = /^\/settings\/?$/.test(pathname);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[800px] gap-8 px-4 pt-6 pb-12">
        {!isNarrow && (
          <nav aria-label={t("account.settings")} className="w-48 shrink-0">
            <p aria-hidden="true" className="px-3 pb-2 text-lg font-semibold">
              {t("account.settings")}
            </p>
            <SectionLinks />
          </nav>
        )}
        <div className="flex min-w-0 flex-1 flex-col gap-6">
          {isNarrow && !isIndex && (
            <Link
              to="/settings"
              className="inline-flex min-h-11 items-center gap-2 self-start rounded-md text-sm text-mute"
            >
              <ArrowLeft aria-hidden="true" size={16} />
              {t("account.settings")}
            </Link>
          )}
          <Outlet />
        </div>
      </div>
    </main>
  );
}

function SectionLinks() {
  const { t } = useSettingsTranslation();
  return (
    <ul className="flex flex-col gap-1">
      {SECTIONS.map(({ to, name, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            activeProps={{ className: "bg-tint font-semibold" }}
            className="flex min-h-11 items-center gap-3 rounded-md px-3 text-sm hover:bg-sunken"
          >
            <Icon aria-hidden="true" size={18} />
            {t(`settings:${name}`)}
            <ChevronRight
              aria-hidden="true"
              size={16}
              className="ms-auto text-mute min-[900px]:hidden"
            />
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function SettingsIndex() {
  const isNarrow = useIsNarrow();
  return isNarrow ? <SettingsList /> : <Navigate to="/settings/profile" replace />;
}

function SettingsList() {
  const { t } = useTranslation();
  return (
    <>
      <Heading>{t("account.settings")}</Heading>
      <SectionLinks />
    </>
  );
}
