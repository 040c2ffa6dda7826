import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Appearance } from "@/ui/Appearance";
import { buttonClass } from "@/ui/Button";
import { Logo } from "@/ui/Logo";

/** What is around the board for a visitor without an account. */
export function GuestFrame() {
  const { t } = useTranslation();
  const { href } = useLocation();
  return (
    <div className="flex h-full flex-col print:block">
      <header
        data-bar
        className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-bg px-4 print:hidden"
      >
        <Logo to="/quotes" />
        <p className="ms-3 min-w-0 flex-1 truncate text-sm text-mute max-[767px]:invisible">
          {t("guest.what")}
        </p>
        <Appearance />
        <Link to="/login" search={{ next: href }} className={buttonClass("quiet", "px-3")}>
          {t("guest.signIn")}
        </Link>
        <Link
          to="/join"
          search={{ next: href }}
          className={buttonClass("secondary", "max-[479px]:hidden")}
        >
          {t("guest.join")}
        </Link>
      </header>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col print:block">
        <Outlet />
      </div>
      <aside
        aria-label={t("guest.about")}
        className="flex shrink-0 items-center justify-between gap-3 border-t border-line bg-raised px-4 py-2 pb-[calc(8px+env(safe-area-inset-bottom))] text-sm text-mute min-[768px]:hidden print:hidden"
      >
        <p>{t("guest.what")}</p>
        <Link to="/join" search={{ next: href }} className={buttonClass("secondary", "shrink-0")}>
          {t("guest.join")}
        </Link>
      </aside>
    </div>
  );
}
