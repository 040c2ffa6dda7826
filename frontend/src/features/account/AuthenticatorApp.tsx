import { useState } from "react";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { ActionDialog } from "./ActionDialog";
import { useFreshSignIn } from "./freshSignIn";
import { type Authenticator, beginTotp, removeTotp, type TotpSetUp } from "./secondFactor";
import { TotpDialog } from "./TotpDialog";
import { useDay } from "./useDay";

interface Props {
  totp: Authenticator | undefined;
  onAdded: () => Promise<void>;
}

export function AuthenticatorApp({ totp, onAdded }: Props) {
  const { t } = useFactorTranslation();
  const day = useDay();
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">{t("factor:app")}</h3>
      <p className="text-sm text-mute">
        {totp ? t("factor:appOn", { date: day(totp.created_at) }) : t("factor:appOff")}{" "}
        {totp?.last_used_at && t("factor:lastUsed", { date: day(totp.last_used_at) })}
      </p>
      {totp ? <TurnOff /> : <SetUp onAdded={onAdded} />}
    </div>
  );
}

function SetUp({ onAdded }: Pick<Props, "onAdded">) {
  const { t } = useFactorTranslation();
  const fresh = useFreshSignIn();
  const [setUp, setSetUp] = useState<TotpSetUp | null>(null);
  const form = useForm(async () => {
    const begun = await fresh(beginTotp);
    setSetUp(begun);
    // Set up meanwhile, in another window.
    if (!begun) await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  });
  const errorText = useErrorText(form.error);
  const finish = () => {
    setSetUp(null);
    toast(t("factor:activated"));
    onAdded();
  };
  return (
    <>
      <form {...form.props} className="flex flex-col gap-2">
        {form.error && <Alert>{errorText}</Alert>}
        <Button type="submit" busy={form.busy} className="self-start">
          {t("factor:setUp")}
        </Button>
      </form>
      {setUp && <TotpDialog setUp={setUp} onDone={finish} onClose={() => setSetUp(null)} />}
    </>
  );
}

function TurnOff() {
  const { t } = useFactorTranslation();
  const [asked, setAsked] = useState(false);
  const turnOff = async () => {
    await removeTotp();
    setAsked(false);
    toast(t("factor:turnedOff"));
    await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  };
  return (
    <>
      <Button kind="danger" className="self-start" onClick={() => setAsked(true)}>
        {t("factor:turnOff")}
      </Button>
      {asked && (
        <ActionDialog
          title={t("factor:turnOffTitle")}
          text={t("factor:turnOffText")}
          action={t("factor:turnOff")}
          kind="danger"
          onSubmit={turnOff}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
