import { Fingerprint } from "lucide-react";
import { useState } from "react";
import type { ApiError } from "@/api/apiError";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField, TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import type { Way } from "./secondFactor";
import { hasPasskeys } from "./webauthn";

interface Props {
  /** The user's ways, the first one is shown; the others are a click away. */
  ways: Way[];
  /** Sends the password or code (empty for a passkey); throws an `ApiError`. */
  onShow: (way: Way, secret: string) => Promise<void>;
  /** The label of the button that sends a password or code. */
  action: string;
}

/** Asks for one of the user's ways to show who they are: password, code or passkey. */
export function WaysForm({ ways, onShow, action }: Props) {
  const { t } = useFactorTranslation();
  const usable = ways.filter((way) => way !== "webauthn" || hasPasskeys());
  const [chosen, setChosen] = useState<Way | null>(null);
  const way = chosen ?? usable[0];
  if (!way) return <Alert tone="warn">{t("factor:noPasskeys")}</Alert>;
  return (
    <div className="flex flex-col gap-4">
      <WayForm key={way} way={way} isChosen={chosen !== null} onShow={onShow} action={action} />
      {usable.length > 1 && (
        <div className="flex flex-col gap-1 border-t border-line pt-4">
          {usable
            .filter((other) => other !== way)
            .map((other) => (
              <Button key={other} kind="quiet" onClick={() => setChosen(other)}>
                {t(`factor:use.${other}`)}
              </Button>
            ))}
        </div>
      )}
    </div>
  );
}

function WayForm({
  way,
  isChosen,
  onShow,
  action,
}: Pick<Props, "onShow" | "action"> & { way: Way; isChosen: boolean }) {
  const { t } = useFactorTranslation();
  const form = useForm(({ password, code }) => onShow(way, password ?? code?.trim() ?? ""));
  return (
    <form {...form.props} className="flex flex-col gap-4">
      <WayError error={form.error} />
      <WayField way={way} errors={form.errors} isChosen={isChosen} />
      <Button
        type="submit"
        kind="primary"
        busy={form.busy}
        autoFocus={way === "webauthn" && isChosen}
      >
        {way === "webauthn" && <Fingerprint aria-hidden="true" size={18} />}
        {way === "webauthn" ? t("factor:usePasskey") : action}
      </Button>
    </form>
  );
}

function WayError({ error }: { error: ApiError | null }) {
  const text = useErrorText(error);
  return error && <Alert>{text}</Alert>;
}

interface FieldProps {
  way: Way;
  errors: Record<string, string>;
  isChosen: boolean;
}

function WayField({ way, errors, isChosen }: FieldProps) {
  const { t } = useFactorTranslation();
  // `data-autofocus` is for dialogs, which take the focus; pages leave it on their heading.
  const focus = { autoFocus: isChosen, "data-autofocus": true };
  if (way === "webauthn") return <p className="text-sm text-mute">{t("factor:passkeyText")}</p>;
  if (way === "password")
    return (
      <PasswordField
        {...focus}
        label={t("account.password")}
        name="password"
        autoComplete="current-password"
        required
        error={errors.password}
      />
    );
  const isTotp = way === "totp";
  return (
    <TextField
      {...focus}
      label={t(isTotp ? "factor:code" : "factor:recoveryCode")}
      hint={t(isTotp ? "factor:codeHint" : "factor:recoveryHint")}
      name="code"
      inputMode="numeric"
      autoComplete={isTotp ? "one-time-code" : "off"}
      spellCheck={false}
      maxLength={20}
      required
      error={errors.code}
    />
  );
}
