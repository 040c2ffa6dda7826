import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Failure, Skeleton } from "@/ui/states";
import { useDebounced } from "@/ui/useDebounced";
import { searchQuery, titleSearchQuery } from "./api";

/** Searches all titles, questions and answers of the user. Arrow keys move through the results. */
export default function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open onClose={onClose} title={t("conversations.searchTitle")} shape="top">
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
  const { t } = useTranslation();
  const titles = useQuery(titleSearchQuery(q));
  const found = useQuery(searchQuery(q));
  const failed = [titles, found].find(({ isError }) => isError);
  if (failed) return <Failure error={failed.error} onRetry={() => failed.refetch()} />;
  if (!titles.data || !found.data) return <Skeleton />;
  const [conversations, chats] = [titles.data.results, found.data.results];
  if (conversations.length + chats.length === 0) {
    return (
      <p role="status" className="text-sm text-mute">
        {t("conversations.searchEmpty")}
      </p>
    );
  }
  return (
    <>
      {conversations.length > 0 && (
        <Hits label={t("conversations.title")}>
          {conversations.map(({ id, title, updated_at }) => (
            <Hit
              key={id}
              id={id}
              onClose={onClose}
              title={title || t("conversations.untitled")}
              time={updated_at}
            />
          ))}
        </Hits>
      )}
      {chats.length > 0 && (
        <Hits label={t("conversations.messages")}>
          {chats.map((chat) => (
            <Hit
              key={chat.id}
              id={chat.conversation}
              chat={chat.id}
              onClose={onClose}
              title={chat.content}
              time={chat.created_at}
              text={excerpt(chat, q)}
              words={q}
            />
          ))}
        </Hits>
      )}
    </>
  );
}

function Hits({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section aria-label={label} className="mb-3">
      <h3 className="px-3 py-1 text-xs font-normal text-mute">{label}</h3>
      <ul>{children}</ul>
    </section>
  );
}

interface HitProps {
  /** The conversation's id. */
  id: number;
  chat?: number;
  onClose: () => void;
  title: string;
  time: string;
  text?: string;
  /** They are highlighted in the conversation. */
  words?: string;
}

function Hit({ id, chat, onClose, title, time, text, words = "" }: HitProps) {
  const { i18n } = useTranslation();
  const day = new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric" });
  return (
    <li>
      <Link
        to="/c/$id"
        params={{ id: String(id) }}
        search={chat === undefined ? {} : { chat }}
        // Not in the address, which servers log.
        state={{ words }}
        onClick={onClose}
        className="block rounded-md px-3 py-2 hover:bg-sunken focus:bg-sunken"
      >
        <span className="flex items-baseline justify-between gap-4">
          <span className="truncate text-sm font-semibold">
            <Marked text={title} words={words} />
          </span>
          <time dateTime={time} className="shrink-0 text-xs text-mute">
            {day.format(new Date(time))}
          </time>
        </span>
        {text && (
          <span className="line-clamp-2 text-xs text-mute">
            <Marked text={text} words={words} />
          </span>
        )}
      </Link>
    </li>
  );
}

/** A text with its found words marked. */
function Marked({ text, words }: { text: string; words: string }) {
  const found = words.split(/\s+/).filter(Boolean);
  if (found.length === 0) return text;
  const any = found.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return text.split(new RegExp(`(${any})`, "giu")).map((part, at) =>
    at % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a part keeps its index
      <mark key={at} className="bg-found text-ink">
        {part}
      </mark>
    ) : (
      part
    ),
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
