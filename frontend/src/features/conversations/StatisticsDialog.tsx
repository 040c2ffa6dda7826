import { useQuery } from "@tanstack/react-query";
import { ChartNoAxesColumn } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Schemas } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { useModelName } from "@/ui/modelName";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { statisticsQuery } from "./api";
import "@/i18n/statistics";

interface StatisticsDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

/** The numbers of a conversation. */
export default function StatisticsDialog({ conversation, onClose }: StatisticsDialogProps) {
  const { t, i18n } = useTranslation("statistics");
  const found = useQuery(statisticsQuery(conversation.id));
  const name = conversation.title || i18n.t("conversations.untitled");
  return (
    <Dialog open onClose={onClose} title={t("title")} description={name}>
      {found.isError ? (
        <Failure error={found.error} onRetry={() => found.refetch()} />
      ) : !found.data ? (
        <Skeleton rows={8} />
      ) : found.data.turns === 0 ? (
        <Empty icon={ChartNoAxesColumn} text={t("empty")} />
      ) : (
        <Numbers found={found.data} />
      )}
    </Dialog>
  );
}

function Numbers({ found }: { found: Schemas["Statistics"] }) {
  const { t, i18n } = useTranslation("statistics");
  const nameOf = useModelName();
  const number = new Intl.NumberFormat(i18n.language);
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  const { tokens, seconds } = found;
  const inSeconds = (value: number) => t("seconds", { seconds: number.format(round(value)) });
  const note =
    tokens.counted_answers === 0
      ? t("noneKnown")
      : tokens.uncounted_answers > 0
        ? t("unknown", { count: tokens.uncounted_answers, all: found.answers })
        : undefined;
  const states = found.states.filter(({ status }) => status !== "done");
  return (
    <div className="flex flex-col gap-5">
      <dl className="grid grid-cols-2 gap-4">
        <Figure label={t("questions")} value={number.format(found.turns)} />
        <Figure label={t("answers")} value={number.format(found.answers)}>
          {states.map(({ status, answers }) => (
            <dd key={status} className="text-xs text-mute">
              {number.format(answers)} {t(`states.${status}`)}
            </dd>
          ))}
        </Figure>
      </dl>
      <Rows title={t("byModel")}>
        {found.models.map(({ model, answers }) => (
          <Row key={model} label={nameOf(model)} value={number.format(answers)} />
        ))}
      </Rows>
      {seconds.median !== null && seconds.longest !== null && (
        <Rows title={t("time")}>
          <Row label={t("median")} value={inSeconds(seconds.median)} />
          <Row label={t("longest")} value={inSeconds(seconds.longest)} />
        </Rows>
      )}
      <Rows title={t("tokens")} note={note}>
        {tokens.counted_answers > 0 && (
          <>
            <Row label={t("read")} value={number.format(tokens.prompt_tokens)} />
            <Row label={t("written")} value={number.format(tokens.completion_tokens)} />
          </>
        )}
      </Rows>
      {found.quotations.length > 0 && (
        <Rows title={t("quotations")}>
          {found.quotations.map(({ verdict, quotations }) => (
            <Row
              key={verdict}
              label={i18n.t(`citation.${verdict}`)}
              value={number.format(quotations)}
            />
          ))}
        </Rows>
      )}
      <Rows title={t("period")}>
        {found.first_asked_at && (
          <Row label={t("first")} value={time.format(new Date(found.first_asked_at))} />
        )}
        {found.last_asked_at && found.turns > 1 && (
          <Row label={t("last")} value={time.format(new Date(found.last_asked_at))} />
        )}
      </Rows>
    </div>
  );
}

/** Seconds as people read them: two decimals below one, one below ten. */
function round(seconds: number): number {
  const parts = seconds < 1 ? 100 : seconds < 10 ? 10 : 1;
  return Math.round(seconds * parts) / parts;
}

interface FigureProps {
  label: string;
  value: string;
  children?: ReactNode;
}

/** A number that is read first. */
function Figure({ label, value, children }: FigureProps) {
  return (
    <div>
      <dt className="text-sm text-mute">{label}</dt>
      <dd className="text-2xl font-semibold">{value}</dd>
      {children}
    </div>
  );
}

interface RowsProps {
  title: string;
  note?: string | undefined;
  children: ReactNode;
}

function Rows({ title, note, children }: RowsProps) {
  return (
    <section>
      <h3 className="border-b border-line pb-1 text-sm font-semibold">{title}</h3>
      <dl className="mt-1 text-sm">{children}</dl>
      {note && <p className="mt-1 text-xs text-mute">{note}</p>}
    </section>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 py-1">
      <dt className="min-w-0 text-mute">{label}</dt>
      <dd className="shrink-0 tabular-nums">{value}</dd>
    </div>
  );
}
