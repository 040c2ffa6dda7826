import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Menu as MenuIcon, SquarePen } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onClearPersonalData } from "@/api/personalData";
import { clearDrafts } from "@/features/chat/drafts";
import { clearTurns } from "@/features/chat/turns";
import { usePinKey } from "@/features/conversations/usePin";
import { IconButton } from "@/ui/Button";
import { showLoaded } from "@/ui/showLoaded";
import { useIsNarrow } from "@/ui/useMedia";
import { usePageTitle } from "@/ui/usePage";
import { SHORTCUTS, useShortcut } from "@/ui/useShortcut";
import { Sidebar } from "./Sidebar";

// Registered here because the shell is loaded on every page behind the sign-in, the chat's modules
// only on its own.
onClearPersonalData(clearTurns);
onClearPersonalData(clearDrafts);

// Loaded when it is opened.
const loadSearch = () => import("@/features/conversations/SearchDialog");
const SearchDialog = lazy(loadSearch);
const loadSheet = () => import("./ShortcutSheet");
const ShortcutSheet = lazy(loadSheet);
const loadDrawer = () => import("./Drawer");
const Drawer = lazy(loadDrawer);

/** The frame of every page behind the sign-in: a sidebar, or on a phone a bar with a drawer. */
export function AppShell() {
  const isNarrow = useIsNarrow();
  const { pathname } = useLocation();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSearchOpen, setSearchOpen] = useState(false);
  const [isSheetOpen, setSheetOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes when the page changes
  useEffect(() => setMenuOpen(false), [pathname]);
  const openSearch = () => {
    setMenuOpen(false);
    showLoaded(loadSearch, () => setSearchOpen(true));
  };
  useShortcut(SHORTCUTS.search, openSearch);
  useShortcut(SHORTCUTS.newChat, useNewChat());
  const openSheet = () => showLoaded(loadSheet, () => setSheetOpen(true));
  useShortcut(SHORTCUTS.sheet, openSheet);
  useQuestionMark(openSheet);
  usePinKey();
  const sidebar = (
    <Sidebar onSearch={openSearch} onShortcuts={openSheet} onGo={() => setMenuOpen(false)} />
  );
  return (
    <div className="flex h-full flex-col print:block print:h-auto">
      {isNarrow && <Bar onMenu={() => showLoaded(loadDrawer, () => setMenuOpen(true))} />}
      <div className="flex min-h-0 flex-1 print:block">
        {!isNarrow && (
          <aside className="w-[288px] shrink-0 border-e border-line bg-bg print:hidden">
            {sidebar}
          </aside>
        )}
        <div className="flex min-w-0 flex-1 flex-col print:block">
          <Outlet />
        </div>
      </div>
      <Suspense>
        {isNarrow && isMenuOpen && <Drawer onClose={() => setMenuOpen(false)}>{sidebar}</Drawer>}
      </Suspense>
      <Suspense>{isSearchOpen && <SearchDialog onClose={() => setSearchOpen(false)} />}</Suspense>
      <Suspense>{isSheetOpen && <ShortcutSheet onClose={() => setSheetOpen(false)} />}</Suspense>
    </div>
  );
}

function Bar({ onMenu }: { onMenu: () => void }) {
  const { t } = useTranslation();
  const title = usePageTitle();
  return (
    <header
      data-bar
      className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-bg px-1 short:h-11 print:hidden"
    >
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

/** Goes to a new chat, with the focus in its field. */
function useNewChat(): () => void {
  const navigate = useNavigate();
  return async () => {
    await navigate({ to: "/" });
    dispatchEvent(new Event("newchat"));
  };
}

/** Runs the action at a question mark that is not typed into a field. */
function useQuestionMark(action: () => void): void {
  useEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent) => {
      const isTyped = (target as Element).closest?.("input, textarea, select, [role=dialog]");
      if (key === "?" && !isTyped) action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
