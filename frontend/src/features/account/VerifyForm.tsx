import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Alert } from "@/ui/states";
import { MailCodeForm } from "./MailCodeForm";
import { enterCode, resendMail, type SignedIn } from "./session";

/** Waits for the code of the mail that was sent after joining or signing in. */
export function VerifyForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Exclude<SignedIn, "in">>();
  const enter = async (code: string) => {
    const found = await enterCode(code);
    if (found === "in") onDone();
    else setOutcome(found); // confirmed, but signing in takes more
  };
  if (outcome === "approval") return <Alert tone="ok">{t("signup.waits")}</Alert>;
  if (outcome) return <Alert tone="ok">{t("account.verifyDone")}</Alert>;
  return <MailCodeForm text={t("account.verify")} onCode={enter} onResend={resendMail} />;
}
