import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Menu as MenuIcon, SquarePen } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onClearPersonalData } from "@/api/personalData";
import { clearDrafts } from "@/features/chat/drafts";
import { clearTurns } from "@/features/chat/turns";
import { SearchDialog } from "@/features/conversations/SearchDialog";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useIsNarrow } from "@/ui/useMedia";
import { usePageTitle } from "@/ui/usePage";
import { Sidebar } from "./Sidebar";

// Registered here because the shell is loaded on every page behind the sign-in, the chat's modules
// only on its own.
onClearPersonalData(clearTurns);
onClearPersonalData(clearDrafts);

/** The frame of every page behind the sign-in: a sidebar, or on a phone a bar with a drawer. */
export function AppShell() {
  const { t } = useTranslation();
  const isNarrow = useIsNarrow();
  const { pathname } = useLocation();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSearchOpen, setSearchOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes when the page changes
  useEffect(() => setMenuOpen(false), [pathname]);
  useShortcut("k", () => setSearchOpen(true));
  const openSearch = () => {
    setMenuOpen(false);
    setSearchOpen(true);
  };
  const sidebar = <Sidebar onSearch={openSearch} onGo={() => setMenuOpen(false)} />;
  return (
    <div className="flex h-full flex-col">
      {isNarrow && <Bar onMenu={() => setMenuOpen(true)} />}
      <div className="flex min-h-0 flex-1">
        {!isNarrow && (
          <aside className="w-[288px] shrink-0 border-e border-line bg-bg">{sidebar}</aside>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <Outlet />
        </div>
      </div>
      {isNarrow && (
        <Dialog
          open={isMenuOpen}
          onClose={() => setMenuOpen(false)}
          title={t("app.menu")}
          shape="drawer"
          bare
        >
          {sidebar}
        </Dialog>
      )}
      <SearchDialog open={isSearchOpen} onClose={() => setSearchOpen(false)} />
    </div>
  );
}

function Bar({ onMenu }: { onMenu: () => void }) {
  const { t } = useTranslation();
  const title = usePageTitle();
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-bg px-1">
      <IconButton label={t("app.menu")} onClick={onMenu}>
        <MenuIcon aria-hidden="true" size={22} />
      </IconButton>
      <span
        aria-hidden="true"
        className="min-w-0 flex-1 truncate text-center text-sm font-semibold"
      >
        {title}
      </span>
      <Link
        to="/"
        aria-label={t("chat.new")}
        title={t("chat.new")}
        className="inline-flex size-11 items-center justify-center rounded-md text-mute hover:bg-sunken hover:text-ink"
      >
        <SquarePen aria-hidden="true" size={20} />
      </Link>
    </header>
  );
}

function useShortcut(key: string, action: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== key || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
