import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronsUpDown, Quote, Search, SquarePen } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { profileQuery } from "@/features/account/session";
import { ConversationList } from "@/features/conversations/ConversationList";
import { cx } from "@/ui/cx";
import { Logo } from "@/ui/Logo";
import { MenuButton } from "@/ui/MenuButton";
import { isMac, keysOf, SHORTCUTS } from "@/ui/useShortcut";

const loadMenu = () => import("./ProfileMenu");
const ProfileMenu = lazy(loadMenu);

const ROW =
  "flex min-h-10 w-full items-center gap-3 rounded-md px-3 text-sm hover:bg-sunken pointer-coarse:min-h-11";

interface SidebarProps {
  onSearch: () => void;
  onShortcuts: () => void;
  onGo: () => void;
}

export function Sidebar({ onSearch, onShortcuts, onGo }: SidebarProps) {
  const { t } = useTranslation();
  return (
    <div className="flex h-full flex-col pt-[env(safe-area-inset-top)]">
      <div className="px-5 pt-3">
        <Logo />
      </div>
      <nav aria-label={t("app.navigation")} className="flex flex-col gap-0.5 p-2">
        <Link
          to="/"
          activeOptions={{ exact: true, includeSearch: false }}
          onClick={() => {
            onGo();
            dispatchEvent(new Event("newchat"));
          }}
          activeProps={{ className: "bg-tint font-semibold" }}
          className={ROW}
        >
          <SquarePen aria-hidden="true" size={18} />
          {t("chat.new")}
        </Link>
        <button type="button" onClick={onSearch} className={ROW}>
          <Search aria-hidden="true" size={18} />
          {t("conversations.search")}
          <kbd className="ms-auto font-sans text-xs text-mute pointer-coarse:hidden">
            {keysOf(SHORTCUTS.search).join(isMac() ? "" : " ")}
          </kbd>
        </button>
        <Link
          to="/quotes"
          onClick={onGo}
          activeProps={{ className: "bg-tint font-semibold" }}
          className={ROW}
        >
          <Quote aria-hidden="true" size={18} />
          {t("quotes.board")}
        </Link>
      </nav>
      <nav
        aria-labelledby="conversations"
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain border-t border-line px-2 pb-4"
      >
        <h2 id="conversations" className="sr-only">
          {t("conversations.title")}
        </h2>
        <ConversationList />
      </nav>
      <ProfileButton onShortcuts={onShortcuts} />
    </div>
  );
}

/** The user's name, which opens a menu with the settings and the sign-out. */
function ProfileButton({ onShortcuts }: { onShortcuts: () => void }) {
  const { t } = useTranslation();
  const { data: profile } = useQuery(profileQuery);
  const name = profile ? profile.nickname || profile.email || t("account.member") : "";
  return (
    <div className="border-t border-line p-2 pb-[calc(8px+env(safe-area-inset-bottom))]">
      <MenuButton
        load={loadMenu}
        button={
          <button type="button" className={cx(ROW, "min-h-12 text-start")}>
            <span
              aria-hidden="true"
              className="flex size-8 shrink-0 items-center justify-center rounded-full bg-tint font-semibold text-accent uppercase"
            >
              {[...name][0]}
            </span>
            <bdi className="min-w-0 flex-1 truncate font-semibold">{name}</bdi>
            <ChevronsUpDown aria-hidden="true" size={16} className="text-mute" />
          </button>
        }
      >
        {(menu) => <ProfileMenu menu={menu} onShortcuts={onShortcuts} />}
      </MenuButton>
    </div>
  );
}
