import { queryOptions, useQuery } from "@tanstack/react-query";
import { Monitor, Smartphone, Terminal } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import { api, type Session, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { useErrorText } from "@/ui/errorText";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useFreshSignIn } from "./freshSignIn";
import { Heading, Section } from "./settingsParts";
import { useDeviceName } from "./useDeviceName";

const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async () => (await unwrap(api.GET("/accounts/sessions"))).results,
});
const PHONES = ["iPhone", "Android"];

/** Where the user is signed in: browsers and programs, and signing them out. */
export function SessionSettings() {
  const { t } = useSettingsTranslation();
  const { data, error, refetch } = useQuery(sessionsQuery);
  return (
    <>
      <Heading>{t("settings:sessions")}</Heading>
      {data ? (
        <Lists sessions={data} />
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </>
  );
}

function Lists({ sessions }: { sessions: Session[] }) {
  const { t } = useSettingsTranslation();
  const [asked, setAsked] = useState(false);
  const programs = sessions.filter(({ kind }) => kind === "program");
  const browsers = sessions.filter(({ kind }) => kind === "browser");
  return (
    <>
      <Section title={t("sessions:browsers")}>
        <List sessions={browsers} />
      </Section>
      <Section title={t("sessions:programs")}>
        <p className="text-sm text-mute">
          {t(programs.length ? "sessions:programsText" : "sessions:noPrograms")}
        </p>
        <List sessions={programs} />
      </Section>
      {sessions.some(({ is_current }) => !is_current) && (
        <Button kind="danger" className="self-start" onClick={() => setAsked(true)}>
          {t("sessions:endOthers")}
        </Button>
      )}
      {asked && <OthersDialog onClose={() => setAsked(false)} />}
    </>
  );
}

function List({ sessions }: { sessions: Session[] }) {
  const list = useRef<HTMLUListElement>(null);
  if (sessions.length === 0) return null;
  return (
    <ul ref={list} tabIndex={-1} className="flex flex-col divide-y divide-line">
      {sessions.map((session) => (
        <Row key={session.id} session={session} onEnded={() => list.current?.focus()} />
      ))}
    </ul>
  );
}

function Row({ session, onEnded }: { session: Session; onEnded: () => void }) {
  const { t } = useSettingsTranslation();
  const when = useWhen();
  const isProgram = session.kind === "program";
  const name =
    useDeviceName()(session) ||
    t(isProgram ? "sessions:unknownProgram" : "sessions:unknownBrowser");
  const Icon = isProgram ? Terminal : PHONES.includes(session.system) ? Smartphone : Monitor;
  const details = [
    t("sessions:signedIn", { date: when(session.created_at) }),
    t(isProgram ? "sessions:lastRenewed" : "sessions:lastSeen", {
      date: when(session.last_seen_at),
    }),
    ...(session.ip_address ? [t("sessions:address", { address: session.ip_address })] : []),
  ];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <Icon aria-hidden="true" size={20} className="mt-0.5 shrink-0 text-mute" />
      <div className="min-w-0 flex-1 basis-40">
        <p className="flex flex-wrap items-center gap-2 font-semibold break-words">
          {name}
          {session.is_current && (
            <span className="rounded-full bg-ok-tint px-2 py-0.5 text-xs text-ok">
              {t("sessions:current")}
            </span>
          )}
        </p>
        <ul className="text-sm break-words text-mute">
          {details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      </div>
      {!session.is_current && <EndButton session={session} name={name} onEnded={onEnded} />}
    </li>
  );
}

interface EndProps {
  session: Session;
  name: string;
  onEnded: () => void;
}

function EndButton({ session, name, onEnded }: EndProps) {
  const { t } = useSettingsTranslation();
  const when = useWhen();
  const confirmed = useFreshSignIn();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = async () => {
    setBusy(true);
    setError(null);
    try {
      await confirmed(() => endOne(session.id));
      onEnded();
      toast(t("sessions:ended", { name }));
      await queryClient.invalidateQueries({ queryKey: keys.sessions });
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <>
      <Button
        busy={busy}
        onClick={() => void end()}
        aria-label={t("sessions:endNamed", { name, date: when(session.created_at) })}
      >
        {t("sessions:end")}
      </Button>
      {error !== null && <EndFailure error={error} />}
    </>
  );
}

function EndFailure({ error }: { error: unknown }) {
  const text = useErrorText(asApiError(error));
  return (
    <div className="basis-full">
      <Alert>{text}</Alert>
    </div>
  );
}

function OthersDialog({ onClose }: { onClose: () => void }) {
  const { t } = useSettingsTranslation();
  const confirmed = useFreshSignIn();
  const confirm = async () => {
    await confirmed(() => unwrap(api.DELETE("/accounts/sessions", { body: {} })));
    await queryClient.invalidateQueries({ queryKey: keys.sessions });
    toast(t("sessions:endedOthers"));
    onClose();
  };
  return (
    <ConfirmDialog
      title={t("sessions:endOthers")}
      text={t("sessions:endOthersText")}
      action={t("sessions:endOthers")}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

/** One that has ended meanwhile is as good. */
async function endOne(id: string): Promise<void> {
  const path = { session_id: id };
  const answer = await api.DELETE("/accounts/sessions/{session_id}", {
    params: { path },
    body: {},
  });
  if (answer.response.status !== 404) await unwrap(Promise.resolve(answer));
}

function useWhen(): (moment: string) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return (moment) => format.format(new Date(moment));
}
