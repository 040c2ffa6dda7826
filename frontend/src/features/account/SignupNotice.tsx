import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import type { Invitation } from "./invitation";

type Signup = Schemas["Signup"];

/** Where a server that says nothing else lets everybody join. */
export const OPEN: Signup = { mode: "open", domains: [] };

/** Whether the form is of any use: nobody can join a closed site, and some need an invitation. */
export function canJoin({ mode }: Signup, invitation: Invitation): boolean {
  if (mode === "closed") return false;
  return mode !== "invite" || invitation.found !== undefined;
}

/** What joining asks for, above the form or instead of it. */
export function SignupNotice({ signup, invitation }: { signup: Signup; invitation: Invitation }) {
  const { t } = useTranslation();
  if (signup.mode === "closed") return <Alert tone="warn">{t("signup.closed")}</Alert>;
  return (
    <>
      {invitation.error !== null && <BadInvitation error={invitation.error} />}
      {invitation.found && <Alert tone="ok">{t("signup.invited")}</Alert>}
      {!invitation.found && !invitation.token && signup.mode === "invite" && (
        <Alert tone="warn">{t("signup.invite")}</Alert>
      )}
      {!invitation.found && signup.mode === "approval" && (
        <Alert tone="warn">{t("signup.approval")}</Alert>
      )}
      {signup.mode !== "invite" || invitation.found ? <Domains domains={signup.domains} /> : null}
    </>
  );
}

function BadInvitation({ error }: { error: unknown }) {
  return <Alert>{useErrorText(error)}</Alert>;
}

function Domains({ domains }: { domains: string[] }) {
  const { t } = useTranslation();
  if (domains.length === 0) return null;
  return (
    <div className="text-sm text-mute">
      <p>{t("signup.domains")}</p>
      <ul className="mt-1 flex flex-wrap gap-x-3 gap-y-1 font-semibold text-ink">
        {domains.map((domain) => (
          <li key={domain} className="break-all">
            {domain.startsWith(".") ? t("signup.subdomains", { domain: domain.slice(1) }) : domain}
          </li>
        ))}
      </ul>
    </div>
  );
}
