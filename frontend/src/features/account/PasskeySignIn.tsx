import { Fingerprint } from "lucide-react";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { signInByPasskey } from "./secondFactor";
import type { SignedIn } from "./session";
import { hasPasskeys } from "./webauthn";

interface Props {
  onFinish: (outcome: SignedIn) => void;
  /** Whether other ways are above it. */
  divided?: boolean;
}

/** The button that signs in without a password, in browsers that can. */
export function PasskeySignIn({ onFinish, divided = true }: Props) {
  const { t } = useFactorTranslation();
  const form = useForm(async () => onFinish(await signInByPasskey()));
  const errorText = useErrorText(form.error);
  if (!hasPasskeys()) return null;
  return (
    <form {...form.props} className="flex flex-col gap-4">
      {divided && (
        <p className="flex items-center gap-3 text-sm text-mute before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
          {t("factor:or")}
        </p>
      )}
      {form.error && <Alert>{errorText}</Alert>}
      <Button type="submit" busy={form.busy}>
        <Fingerprint aria-hidden="true" size={18} />
        {t("factor:signInPasskey")}
      </Button>
    </form>
  );
}
