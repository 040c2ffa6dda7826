import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Download, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { conversationsQuery, download } from "./api";
import { groupByDate } from "./dateGroups";
import {
  deleteHidden,
  hideConversation,
  showConversation,
  useHiddenConversations,
} from "./deferredDelete";
import { RenameDialog } from "./RenameDialog";

/** The user's conversations, grouped by date. */
export function ConversationList() {
  const { t } = useTranslation();
  const [renamed, setRenamed] = useState<Conversation | null>(null);
  const hidden = useHiddenConversations();
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
  return (
    <>
      {groupByDate(shown).map(({ group, items }) => (
        <section key={group} aria-labelledby={`group-${group}`} className="mt-3">
          <h3 id={`group-${group}`} className="px-3 py-1 text-xs font-normal text-mute">
            {t(`conversations.${group}`)}
          </h3>
          <ul>
            {items.map((conversation) => (
              <Row
                key={conversation.id}
                conversation={conversation}
                onRename={() => setRenamed(conversation)}
              />
            ))}
          </ul>
        </section>
      ))}
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
      {renamed && <RenameDialog conversation={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

function Row({ conversation, onRename }: { conversation: Conversation; onRename: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id: here } = useParams({ strict: false });
  const { id } = conversation;
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
        className="block min-h-10 min-w-0 flex-1 truncate rounded-md py-2 ps-3 pe-10 text-sm pointer-coarse:min-h-11 pointer-coarse:leading-7"
        title={title}
      >
        {title}
      </Link>
      <span className="absolute end-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
        <Menu
          trigger={
            <IconButton small label={t("conversations.menu", { title })}>
              <Ellipsis aria-hidden="true" size={18} />
            </IconButton>
          }
        >
          <MenuItem onSelect={onRename}>
            <Pencil aria-hidden="true" size={16} />
            {t("conversations.rename")}
          </MenuItem>
          <MenuItem onSelect={onDownload}>
            <Download aria-hidden="true" size={16} />
            {t("conversations.download")}
          </MenuItem>
          <MenuItem danger onSelect={onDelete}>
            <Trash2 aria-hidden="true" size={16} />
            {t("conversations.delete")}
          </MenuItem>
        </Menu>
      </span>
    </li>
  );
}
