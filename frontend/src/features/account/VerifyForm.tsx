import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Alert } from "@/ui/states";
import { CodeForm } from "./CodeForm";
import { enterCode, resendMail } from "./session";

/** Waits for the code of the mail that was sent after joining or signing in. */
export function VerifyForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [isConfirmed, setConfirmed] = useState(false);
  const enter = async (code: string) => {
    if ((await enterCode(code)) === "in") onDone();
    else setConfirmed(true); // confirmed, but signing in takes more
  };
  if (isConfirmed) return <Alert tone="ok">{t("account.verifyDone")}</Alert>;
  return <CodeForm text={t("account.verify")} onCode={enter} onResend={resendMail} />;
}
