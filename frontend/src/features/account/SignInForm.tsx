import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { EmailField } from "./EmailField";
import { PasskeySignIn } from "./PasskeySignIn";
import { type SignedIn, signIn } from "./session";
import { VerifyForm } from "./VerifyForm";

interface Props {
  email?: string;
  onDone: () => void;
  /** The password was right, and the second factor is missing. */
  onCode: () => void;
  /** Between the password and the other ways. */
  children?: ReactNode;
}

/** Used on the sign-in page, and in the dialog that opens when the session has ended. */
export function SignInForm({ email, onDone, onCode, children }: Props) {
  const { t } = useTranslation();
  const [needsMail, setNeedsMail] = useState(false);
  const finish = (outcome: SignedIn) => {
    if (outcome === "verify") setNeedsMail(true);
    else if (outcome === "code") onCode();
    else onDone();
  };
  const form = useForm(async (fields) =>
    finish(await signIn(fields.email ?? "", fields.password ?? "")),
  );
  const errorText = useErrorText(form.error);
  if (needsMail) return <VerifyForm onDone={onDone} />;
  return (
    <div className="flex flex-col gap-4">
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
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
      {children}
      <PasskeySignIn onFinish={finish} />
    </div>
  );
}
