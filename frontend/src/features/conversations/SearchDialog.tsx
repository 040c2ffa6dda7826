import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useDeferredValue, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Failure, Skeleton } from "@/ui/states";
import { useDebounced } from "@/ui/useDebounced";
import { searchQuery } from "./api";

/** Searches all questions and answers of the user. Arrow keys move through the results. */
export function SearchDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t("conversations.searchTitle")} shape="top">
      <Search onClose={onClose} />
    </Dialog>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const q = useDebounced(useDeferredValue(words.trim()), 250);
  const box = useRef<HTMLDivElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: adds arrow keys to the links within
    <div ref={box} onKeyDown={(event) => moveFocus(event, box.current)}>
      <input
        type="search"
        aria-label={t("conversations.searchTitle")}
        placeholder={t("conversations.searchPlaceholder")}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        maxLength={200}
        className={inputClass}
      />
      <div className="mt-4 min-h-40">
        {q ? (
          <SearchResults q={q} onClose={onClose} />
        ) : (
          <p className="text-sm text-mute">{t("conversations.searchHint")}</p>
        )}
      </div>
    </div>
  );
}

function SearchResults({ q, onClose }: { q: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const found = useQuery(searchQuery(q));
  if (found.isPending) return <Skeleton />;
  if (found.isError) return <Failure error={found.error} onRetry={() => found.refetch()} />;
  const chats = found.data.results;
  if (chats.length === 0) {
    return (
      <p role="status" className="text-sm text-mute">
        {t("conversations.searchEmpty")}
      </p>
    );
  }
  const day = new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric" });
  return (
    <ul>
      {chats.map((chat) => (
        <li key={chat.id}>
          <Link
            to="/c/$id"
            params={{ id: String(chat.conversation) }}
            onClick={onClose}
            className="block rounded-md px-3 py-2 hover:bg-sunken focus:bg-sunken"
          >
            <span className="flex items-baseline justify-between gap-4">
              <span className="truncate text-sm font-semibold">{chat.content}</span>
              <time dateTime={chat.created_at} className="shrink-0 text-xs text-mute">
                {day.format(new Date(chat.created_at))}
              </time>
            </span>
            <span className="line-clamp-2 text-xs text-mute">{excerpt(chat, q)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The part of the answer around the first of the words. */
export function excerpt(chat: Chat, q: string): string {
  const answer = chat.chat_reply?.content.normalize("NFC") ?? "";
  const text = answer.replaceAll(/[\s*_`>#|]+/g, " ").trim();
  const word = q.normalize("NFC").split(/\s+/)[0]?.toLowerCase() ?? "";
  const at = text.toLowerCase().indexOf(word);
  return at > 40 ? `…${text.slice(at - 30, at + 120)}` : text.slice(0, 150);
}

function moveFocus(event: KeyboardEvent, box: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !box || event.nativeEvent.isComposing) return;
  const stops = [...box.querySelectorAll<HTMLElement>("input, a")];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  stops[(at + step + stops.length) % stops.length]?.focus();
}
