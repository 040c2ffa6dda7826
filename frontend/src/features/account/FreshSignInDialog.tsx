import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { type Confirmation, useConfirmation } from "./freshSignIn";
import { callbackPath, leaveFor } from "./providers";
import { confirm, type Way, waysOf } from "./secondFactor";
import { joinFormQuery } from "./session";
import { WaysForm } from "./WaysForm";

/** Asks the user to confirm that it is still them; see `useFreshSignIn`. */
export default function FreshSignInDialog() {
  const { t } = useFactorTranslation();
  const asked = useConfirmation();
  if (!asked) return null;
  return (
    <Dialog
      open
      onClose={() => asked.settle(false)}
      title={t("factor:confirmTitle")}
      description={t("factor:confirmText")}
    >
      <Ways asked={asked} />
    </Dialog>
  );
}

function Ways({ asked: { flows, settle } }: { asked: Confirmation }) {
  const { t } = useFactorTranslation();
  const ways = waysOf(flows, "mfa_reauthenticate");
  const providers = flows.flatMap((flow) => flow.providers ?? []);
  const show = async (way: Way, secret: string) => {
    await confirm(way, secret);
    settle(true);
  };
  return (
    <div className="flex flex-col gap-4">
      {ways.length > 0 && <WaysForm ways={ways} onShow={show} action={t("factor:confirm")} />}
      {ways.length === 0 && providers.length === 0 && (
        <Alert tone="warn">{t("factor:signOutFirst")}</Alert>
      )}
      {providers.length > 0 && (
        <div className="flex flex-col gap-2 border-t border-line pt-4 first:border-0 first:pt-0">
          <p className="text-sm text-mute">{t("factor:providerText")}</p>
          {providers.map((provider) => (
            <ProviderForm key={provider} provider={provider} />
          ))}
        </div>
      )}
      <Button onClick={() => settle(false)}>{t("app.cancel")}</Button>
    </div>
  );
}

/** The page is left: the provider sends the user back here, signed in afresh. */
function ProviderForm({ provider }: { provider: string }) {
  const { t } = useFactorTranslation();
  const { data } = useQuery(joinFormQuery);
  const callback = callbackPath(hereWithoutError());
  const form = useForm(() => leaveFor({ provider, process: "login", callback }));
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-2">
      {form.error && <Alert>{errorText}</Alert>}
      <Button type="submit" busy={form.busy}>
        {t("factor:providerAction", { provider: nameOf(provider, data?.providers) })}
      </Button>
    </form>
  );
}

/** The address of this page, without the error with which a provider may have come back before. */
function hereWithoutError(): string {
  const query = new URLSearchParams(location.search);
  query.delete("error");
  query.delete("provider");
  return location.pathname + (query.size ? `?${query}` : "");
}

/** The provider's name as the server gives it. */
function nameOf(provider: string, known: Schemas["Provider"][] = []): string {
  return known.find(({ id }) => id === provider)?.name ?? provider;
}
