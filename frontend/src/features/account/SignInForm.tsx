import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { EmailField } from "./EmailField";
import { signIn } from "./session";

/** Used on the sign-in page, and in the dialog that opens when the session has ended. */
export function SignInForm({ email, onDone }: { email?: string; onDone: () => void }) {
  const { t } = useTranslation();
  const [needsMail, setNeedsMail] = useState(false);
  const form = useForm(async (fields) => {
    const outcome = await signIn(fields.email ?? "", fields.password ?? "");
    if (outcome === "verify") setNeedsMail(true);
    else onDone();
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-4">
      {form.error && <Alert>{errorText}</Alert>}
      {needsMail && <Alert tone="ok">{t("account.verify")}</Alert>}
      <EmailField fixed={email} error={form.errors.email} />
      <PasswordField
        label={t("account.password")}
        name="password"
        autoComplete="current-password"
        required
        error={form.errors.password}
      />
      <Button type="submit" kind="primary" busy={form.busy} className="mt-2">
        {t("account.login")}
      </Button>
    </form>
  );
}
