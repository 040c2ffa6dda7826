import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { MenuButton } from "@/ui/MenuButton";
import { showLoaded } from "@/ui/showLoaded";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { conversationsQuery, download } from "./api";
import { groupByDate, splitPinned } from "./dateGroups";
import {
  deleteHidden,
  hideConversation,
  showConversation,
  useHiddenConversations,
} from "./deferredDelete";
import { usePin } from "./usePin";

const loadRenameDialog = () => import("./RenameDialog");
const RenameDialog = lazy(loadRenameDialog);
const loadStatistics = () => import("./StatisticsDialog");
const StatisticsDialog = lazy(loadStatistics);
const loadMenu = () => import("./ConversationMenu");
const ConversationMenu = lazy(loadMenu);

/** The user's conversations: the pinned ones, and the others grouped by date. */
export function ConversationList() {
  const { t } = useTranslation();
  const [renamed, setRenamed] = useState<Conversation | null>(null);
  const [counted, setCounted] = useState<Conversation | null>(null);
  const hidden = useHiddenConversations();
  const moved = useRef<number | null>(null);
  const list = useInfiniteQuery(conversationsQuery);
  if (list.isPending) return <Skeleton className="p-3" />;
  if (list.isError) {
    return (
      <div role="alert" className="flex flex-col items-start gap-2 p-3 text-sm">
        <p>{t("conversations.failed")}</p>
        <Button onClick={() => list.refetch()}>{t("app.retry")}</Button>
      </div>
    );
  }
  const shown = list.data.pages
    .flatMap(({ results }) => results)
    .filter(({ id }) => !hidden.has(id));
  if (shown.length === 0)
    return <p className="p-3 text-sm text-mute">{t("conversations.empty")}</p>;
  const { pinned, others } = splitPinned(shown);
  const groups = groupByDate(others);
  return (
    <>
      {[...(pinned.length ? [{ group: "pinned" as const, items: pinned }] : []), ...groups].map(
        ({ group, items }) => (
          <section key={group} aria-labelledby={`group-${group}`} className="mt-3">
            <h3 id={`group-${group}`} className="px-3 py-1 text-xs font-normal text-mute">
              {t(`conversations.${group}`)}
            </h3>
            <ul>
              {items.map((conversation) => (
                <Row
                  key={conversation.id}
                  conversation={conversation}
                  moved={moved}
                  onRename={() => showLoaded(loadRenameDialog, () => setRenamed(conversation))}
                  onStatistics={() => showLoaded(loadStatistics, () => setCounted(conversation))}
                />
              ))}
            </ul>
          </section>
        ),
      )}
      {list.hasNextPage && (
        <Button
          kind="quiet"
          className="mt-2 w-full"
          busy={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("conversations.more")}
        </Button>
      )}
      <Suspense>
        {renamed && <RenameDialog conversation={renamed} onClose={() => setRenamed(null)} />}
        {counted && <StatisticsDialog conversation={counted} onClose={() => setCounted(null)} />}
      </Suspense>
    </>
  );
}

interface RowProps {
  conversation: Conversation;
  /** The one whose menu moves it to another group, and gets the focus again there. */
  moved: RefObject<number | null>;
  onRename: () => void;
  onStatistics: () => void;
}

function Row({ conversation, moved, onRename, onStatistics }: RowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id: here } = useParams({ strict: false });
  const { id, pinned } = conversation;
  const pin = usePin();
  const menu = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (moved.current !== id) return;
    moved.current = null;
    menu.current?.querySelector("button")?.focus();
  }, [id, moved]);
  const onPin = async () => {
    moved.current = id;
    if (!(await pin(conversation))) moved.current = null;
  };
  const title = conversation.title || t("conversations.untitled");
  const onDelete = () => {
    hideConversation(id);
    if (here === String(id)) navigate({ to: "/" });
    toast(t("conversations.deleted"), {
      undo: () => showConversation(id),
      onGone: () => deleteHidden(id),
    });
  };
  const onDownload = () => {
    download(conversation).catch(() => toast(t("conversations.downloadFailed")));
  };
  return (
    <li className="group relative flex items-center rounded-md hover:bg-sunken has-[[aria-current]]:bg-tint">
      <Link
        to="/c/$id"
        params={{ id: String(id) }}
        activeProps={{ "aria-current": "page", className: "font-semibold" }}
        className="block min-h-10 min-w-0 flex-1 truncate rounded-md px-3 py-2 text-sm group-focus-within:pe-10 group-hover:pe-10 group-has-[[data-state=open]]:pe-10 pointer-coarse:min-h-11 pointer-coarse:pe-12 pointer-coarse:leading-7"
        title={title}
      >
        {title}
      </Link>
      <span
        ref={menu}
        className="absolute end-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100"
      >
        <MenuButton
          load={loadMenu}
          button={
            <IconButton small label={t("conversations.menu", { title })}>
              <Ellipsis aria-hidden="true" size={18} />
            </IconButton>
          }
        >
          {(opened) => (
            <ConversationMenu
              menu={opened}
              isPinned={pinned}
              onPin={onPin}
              onRename={onRename}
              onDownload={onDownload}
              onStatistics={onStatistics}
              onDelete={onDelete}
            />
          )}
        </MenuButton>
      </span>
    </li>
  );
}
