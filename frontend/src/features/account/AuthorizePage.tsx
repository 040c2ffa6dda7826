import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { asApiError } from "@/api/apiError";
import { useAuthorizeTranslation } from "@/i18n/authorize";
import { Button, buttonClass } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { type Asked, allow, authorizationQuery, switchAccount } from "./authorization";
import { useFreshSignIn } from "./freshSignIn";
import { GuestPage } from "./GuestPage";
import { profileQuery } from "./session";

type Answer = "allowed" | "refused";

/** Where a native program sends its user, who allows or refuses that it signs in. */
export function AuthorizePage() {
  const { t, i18n } = useAuthorizeTranslation();
  const { searchStr } = useLocation();
  const asked = useQuery(authorizationQuery(searchStr, i18n.language));
  const [answer, setAnswer] = useState<Answer | null>(null);
  // The address is good for one answer, so it does not stay behind the program's page.
  const leave = (to: string, given: Answer) => {
    setAnswer(given);
    location.replace(to);
  };
  if (answer) return <Left answer={answer} />;
  if (asked.data) return <Question query={searchStr} asked={asked.data} onAnswer={leave} />;
  if (asked.error && asApiError(asked.error).status === 400) return <Invalid error={asked.error} />;
  return (
    <GuestPage title={t("authorize:title")} label={t("authorize:title")} text="">
      {asked.error ? <Failure error={asked.error} onRetry={() => asked.refetch()} /> : <Skeleton />}
    </GuestPage>
  );
}

interface QuestionProps {
  query: string;
  asked: Asked;
  onAnswer: (to: string, answer: Answer) => void;
}

function Question({ query, asked, onAnswer }: QuestionProps) {
  const { t } = useAuthorizeTranslation();
  const confirmed = useFreshSignIn();
  const form = useForm(async () => onAnswer(await confirmed(() => allow(query)), "allowed"));
  const errorText = useErrorText(form.error);
  return (
    <GuestPage title={t("authorize:title")} label={t("authorize:title")} text="">
      <dl className="flex flex-col gap-4">
        <Program asked={asked} />
        <Account />
      </dl>
      <Consequences />
      <form {...form.props} className="flex flex-col gap-4">
        {form.error ? <Alert>{errorText}</Alert> : <Alert tone="warn">{t("authorize:text")}</Alert>}
        <div className="grid grid-cols-2 gap-3">
          <Button onClick={() => onAnswer(asked.refusal, "refused")}>
            {t("authorize:refuse")}
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("authorize:allow")}
          </Button>
        </div>
      </form>
    </GuestPage>
  );
}

function Term({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-sm text-mute">{name}</dt>
      {children}
    </div>
  );
}

/** What it says of itself, kept apart from what is known of it. */
function Program({ asked }: { asked: Asked }) {
  const { t } = useAuthorizeTranslation();
  return (
    <Term name={t("authorize:program")}>
      <dd className="font-semibold break-words">
        {asked.client_name ? <bdi>{asked.client_name}</bdi> : t("authorize:unnamed")}
      </dd>
      <dd className="text-sm text-mute">
        {asked.client_name && `${t("authorize:claim")} `}
        {t("authorize:address", { address: asked.address })}
      </dd>
    </Term>
  );
}

function Account() {
  const { t } = useAuthorizeTranslation();
  const { data: profile } = useQuery(profileQuery);
  const { href } = useLocation();
  const form = useForm(() => switchAccount(href));
  const errorText = useErrorText(form.error);
  const names = [profile?.nickname, profile?.email].filter(Boolean);
  return (
    <Term name={t("authorize:account")}>
      <dd className="flex flex-wrap items-baseline gap-x-2">
        <bdi className="max-w-full font-semibold break-words">
          {names[0] ?? t("account.member")}
        </bdi>
        {names[1] && <bdi className="max-w-full text-sm break-words text-mute">{names[1]}</bdi>}
      </dd>
      <dd>
        <form {...form.props}>
          {form.error && <Alert>{errorText}</Alert>}
          <button
            type="submit"
            aria-busy={form.busy}
            className="min-h-6 text-sm text-accent underline underline-offset-4"
          >
            {t("authorize:other")}
          </button>
        </form>
      </dd>
    </Term>
  );
}

function Consequences() {
  const { t } = useAuthorizeTranslation();
  const { data: profile } = useQuery(profileQuery);
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-4 text-sm">
      <h2 className="text-sm font-semibold">{t("authorize:may")}</h2>
      <ul className="flex list-disc flex-col gap-1 ps-5">
        <li>{t("authorize:chat")}</li>
        <li>{t("authorize:quotes")}</li>
        <li>{t("authorize:profile")}</li>
        {profile?.is_staff && <li>{t("authorize:staff")}</li>}
      </ul>
      <p className="text-mute">
        {t("authorize:not")} {t("authorize:until")}
      </p>
    </section>
  );
}

/** Seen while the browser leaves, and where the program does not answer any more. */
function Left({ answer }: { answer: Answer }) {
  const { t } = useAuthorizeTranslation();
  const title = t("authorize:leftTitle");
  return (
    <GuestPage title={title} label={title} text={t(`authorize:${answer}`)}>
      <p className="text-sm text-mute">{t("authorize:again")}</p>
    </GuestPage>
  );
}

function Invalid({ error }: { error: unknown }) {
  const { t } = useAuthorizeTranslation();
  const title = t("authorize:invalidTitle");
  const { problem } = asApiError(error);
  return (
    <GuestPage title={title} label={title} text={t("authorize:invalid")}>
      <div className="flex flex-col gap-2 text-sm">
        <p>{t("authorize:invalidNext")}</p>
        <ul className="flex list-disc flex-col gap-1 ps-5 break-words">
          {problem.errors?.map(({ field, detail }) => (
            <li key={`${field} ${detail}`}>
              <code>{field}</code>: {detail}
            </li>
          ))}
        </ul>
      </div>
      <Link to="/" className={buttonClass("primary")}>
        {t("authorize:home")}
      </Link>
    </GuestPage>
  );
}
