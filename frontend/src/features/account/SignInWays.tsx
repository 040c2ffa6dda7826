import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, asApiError } from "@/api/apiError";
import { queryClient } from "@/api/queries";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { useErrorText } from "@/ui/errorText";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useFreshSignIn } from "./freshSignIn";
import { ProviderMark } from "./ProviderMark";
import {
  type Brand,
  brandOf,
  errorOf,
  type Provider,
  type ProviderError,
  useProviderErrorText,
  useProviderName,
  useProviderStart,
} from "./providers";
import { loginFormQuery, profileQuery } from "./session";
import { Section } from "./settingsParts";
import { type Connection, checkConnecting, connectionsQuery, disconnect } from "./signInWays";

/** The providers that are connected and those that can be; nothing where the site has none. */
export function SignInWays() {
  const { t } = useTranslation(["translation", "providers"]);
  const providers = useQuery(loginFormQuery).data?.providers ?? [];
  const { data: profile } = useQuery(profileQuery);
  const connected = useQuery(connectionsQuery);
  const connections = connected.data ?? [];
  if (!providers.length && !connections.length) return null;
  const others = providers.filter(({ id }) => !connections.some((one) => one.provider.id === id));
  return (
    <Section title={t("providers:ways")}>
      <CameBack />
      {connected.isError && <Failure error={connected.error} onRetry={() => connected.refetch()} />}
      {connected.isPending && <Skeleton />}
      {connected.data && profile && (
        <ul className="flex flex-col divide-y divide-line">
          <PasswordRow isSet={profile.has_password} />
          {connections.map((one) => (
            <ConnectionRow key={`${one.provider.id} ${one.uid}`} connection={one} />
          ))}
          {others.map((provider) => (
            <ConnectRow key={provider.id} provider={provider} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** The error with which the browser came back from connecting. It is taken out of the address, so
 * that it is gone after a reload.
 */
function CameBack() {
  const { error: code, provider } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [came] = useState(() => ({ error: errorOf(code), provider }));
  useEffect(() => {
    if (code) navigate({ to: ".", search: {}, replace: true });
  }, [code, navigate]);
  return came.error ? <Refused error={came.error} provider={came.provider} /> : null;
}

function Refused({ error, provider }: { error: ProviderError; provider: string | undefined }) {
  const { title, text } = useProviderErrorText(error, provider);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Alert tone={error === "cancelled" ? "warn" : "danger"}>
        <p className="font-semibold">{title}</p>
        <p>{text}</p>
      </Alert>
    </div>
  );
}

const ROW = "flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0";

function PasswordRow({ isSet }: { isSet: boolean }) {
  const { t } = useTranslation(["translation", "providers"]);
  return (
    <li className={ROW}>
      <span className={cx(TILE, "bg-tint text-accent")}>
        <Lock aria-hidden="true" size={18} />
      </span>
      <Words
        name={t("account.password")}
        detail={t(isSet ? "providers:passwordSet" : "providers:passwordMissing")}
      />
    </li>
  );
}

function ConnectionRow({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation(["translation", "providers"]);
  const fresh = useFreshSignIn();
  const nameOf = useProviderName();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const { provider, display, since } = connection;
  const name = nameOf(provider);
  const onDisconnect = async () => {
    setBusy(true);
    setError(null);
    try {
      const left = await fresh(() => disconnect(connection));
      queryClient.setQueryData(connectionsQuery.queryKey, left);
      toast(t("providers:disconnected", { provider: name }));
    } catch (thrown) {
      setError(asApiError(thrown));
      setBusy(false);
    }
  };
  const date = since && new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" });
  const detail = [display, date && t("providers:since", { date: date.format(new Date(since)) })];
  return (
    <li className={ROW}>
      <Tile id={provider.id} />
      <Words name={name} detail={detail.filter(Boolean).join(" · ")} />
      <Button
        busy={busy}
        onClick={onDisconnect}
        aria-label={t("providers:disconnectName", { provider: name })}
      >
        {t("providers:disconnect")}
      </Button>
      {error && <Problem error={error} provider={provider.id} />}
    </li>
  );
}

function ConnectRow({ provider }: { provider: Provider }) {
  const { t } = useTranslation(["translation", "providers"]);
  const fresh = useFreshSignIn();
  const { start, started, error: startError } = useProviderStart();
  const [error, setError] = useState<ApiError | null>(null);
  const name = useProviderName()(provider);
  const onConnect = async () => {
    setError(null);
    try {
      await fresh(() => checkConnecting(provider));
    } catch (thrown) {
      return setError(asApiError(thrown));
    }
    await start({ provider: provider.id, process: "connect", callback: "/settings/security" });
  };
  const problem = error ?? startError;
  return (
    <li className={ROW}>
      <Tile id={provider.id} />
      <Words name={name} detail={t("providers:notConnected")} />
      <Button
        busy={started !== null}
        onClick={onConnect}
        aria-label={t("providers:connectName", { provider: name })}
      >
        {t("providers:connect")}
      </Button>
      {problem && <Problem error={problem} provider={provider.id} />}
    </li>
  );
}

/** Why a way was not changed: what the page knows of the code, else the server's text. */
function Problem({ error, provider }: { error: ApiError; provider: string }) {
  const text = useErrorText(error);
  const codes = [error.code, ...(error.problem.errors ?? []).map(({ code }) => code)];
  const known = codes.map(errorOf).find((code) => code && code !== "unknown");
  return (
    <div className="w-full">
      {known ? <Refused error={known} provider={provider} /> : <Alert>{text}</Alert>}
    </div>
  );
}

const TILE = "flex size-10 shrink-0 items-center justify-center rounded-md";
const TILES: Record<Brand, string> = {
  kakao: "bg-[#FEE500] text-black/85",
  naver: "bg-[#03C75A]",
  google: "border border-line bg-white",
  github: "bg-[#24292F] text-white",
};

function Tile({ id }: { id: string }) {
  const brand = brandOf(id);
  return (
    <span className={cx(TILE, brand ? TILES[brand] : "bg-tint text-accent")}>
      <ProviderMark id={id} size={18} />
    </span>
  );
}

function Words({ name, detail }: { name: string; detail: string }) {
  return (
    <div className="min-w-0 flex-1 basis-40">
      <p className="font-semibold">{name}</p>
      <p className="text-sm text-mute">
        <bdi>{detail}</bdi>
      </p>
    </div>
  );
}
