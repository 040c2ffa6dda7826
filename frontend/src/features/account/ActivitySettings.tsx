import { useInfiniteQuery } from "@tanstack/react-query";
import { History, ShieldAlert } from "lucide-react";
import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Heading } from "./settingsParts";
import { useDeviceName } from "./useDeviceName";

type SecurityEvent = Schemas["SecurityEvent"];

const ALARMING = new Set([
  "sign_in_refused",
  "factor_refused",
  "provider_conflict",
  "token_reused",
  "password_reset_asked",
]);

/** What has happened to the account: sign-ins, refusals and changes, newest first. */
export function ActivitySettings() {
  const { t, i18n } = useSettingsTranslation();
  const events = useInfiniteQuery({
    queryKey: keys.events(i18n.language),
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/accounts/events", { params: { query: { page: pageParam, per_page: 20 } } })),
    initialPageParam: 1,
    getNextPageParam: ({ count, page, per_page }) =>
      page * per_page < count ? page + 1 : undefined,
  });
  const shown = events.data?.pages.flatMap(({ results }) => results) ?? [];
  return (
    <>
      <Heading>{t("settings:activity")}</Heading>
      <p className="text-mute">{t("activity:intro")}</p>
      {events.isPending && <Skeleton />}
      {events.isError && <Failure error={events.error} onRetry={() => events.refetch()} />}
      {events.isSuccess && shown.length === 0 && (
        <Empty icon={History} text={t("activity:empty")} />
      )}
      {shown.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-lg border border-line bg-raised">
          {shown.map((event) => (
            <Entry key={event.id} event={event} />
          ))}
        </ul>
      )}
      {events.hasNextPage && (
        <Button
          className="self-center"
          busy={events.isFetchingNextPage}
          onClick={() => events.fetchNextPage()}
        >
          {t("activity:more")}
        </Button>
      )}
    </>
  );
}

/** What a native program called itself when it was allowed to sign in; "" for other events. */
function programOf({ details }: SecurityEvent): string {
  const program = (details as { program?: unknown } | null)?.program;
  return typeof program === "string" ? program : "";
}

function Entry({ event }: { event: SecurityEvent }) {
  const { t, i18n } = useSettingsTranslation();
  const time = new Date(event.created_at).toLocaleString(i18n.language, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const reason = t(`activity:reasons.${event.reason}` as "activity:reasons.by_staff", {
    defaultValue: "",
  });
  const more = [
    programOf(event),
    useDeviceName()(event),
    reason,
    event.count > 1 ? t("activity:times", { count: event.count }) : "",
    event.ip_address ? t("activity:from", { address: event.ip_address }) : "",
  ].filter(Boolean);
  const Icon = ALARMING.has(event.kind) ? ShieldAlert : History;
  return (
    <li className="flex gap-3 p-4">
      <Icon
        aria-hidden="true"
        size={18}
        className={ALARMING.has(event.kind) ? "mt-0.5 text-danger" : "mt-0.5 text-mute"}
      />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="font-semibold first-letter:uppercase">{event.text}</p>
        {more.length > 0 && <p className="text-sm text-mute">{more.join(" · ")}</p>}
      </div>
      <time dateTime={event.created_at} className="shrink-0 text-sm text-mute">
        {time}
      </time>
    </li>
  );
}
