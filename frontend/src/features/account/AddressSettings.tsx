import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { useFreshSignIn } from "./freshSignIn";
import { MailCodeForm } from "./MailCodeForm";
import { addressQuery, profileQuery } from "./session";
import { Section } from "./settingsParts";

type Address = Schemas["Address"];

function show(address: Address): void {
  queryClient.setQueryData(addressQuery.queryKey, address);
}

/** The own address and its state, its confirmation, and its change. */
export function AddressSettings() {
  const { t } = useSettingsTranslation();
  const { data: address } = useQuery(addressQuery);
  const [confirmsOwn, setConfirmsOwn] = useState(false);
  if (!address) return null;
  const waiting = address.pending?.email ?? (confirmsOwn ? address.email : null);
  return (
    <Section title={t("account.email")}>
      <CurrentAddress address={address} />
      {waiting ? (
        <>
          <MailCodeForm
            key={waiting}
            text={t(address.pending ? "settings:addressWaits" : "settings:addressMailed", {
              email: waiting,
            })}
            onCode={async (code) => {
              await confirmAddress(waiting, code);
              setConfirmsOwn(false);
              toast(t("account.verifyDone"));
            }}
            onResend={() => sendAgain(waiting)}
          />
          {address.pending && <CancelButton />}
        </>
      ) : (
        <>
          {address.email && !address.is_confirmed && (
            <ConfirmButton email={address.email} onSent={() => setConfirmsOwn(true)} />
          )}
          <ChangeForm isFirst={address.email === null} />
        </>
      )}
    </Section>
  );
}

async function confirmAddress(email: string, code: string): Promise<void> {
  show(await unwrap(api.POST("/accounts/email/confirm", { body: { email, code } })));
  await queryClient.invalidateQueries({ queryKey: profileQuery.queryKey });
}

function sendAgain(email: string): Promise<unknown> {
  return unwrap(api.POST("/accounts/email/resend", { body: { email } }));
}

function CurrentAddress({ address }: { address: Address }) {
  const { t } = useSettingsTranslation();
  if (!address.email) return <p className="text-sm text-mute">{t("settings:addressNone")}</p>;
  return (
    <div>
      <p className="break-all font-semibold">{address.email}</p>
      <p className="text-sm text-mute">
        {t(address.is_confirmed ? "settings:addressConfirmed" : "settings:addressUnconfirmed")}
      </p>
    </div>
  );
}

function ConfirmButton({ email, onSent }: { email: string; onSent: () => void }) {
  const { t } = useSettingsTranslation();
  const form = useForm(async () => {
    await sendAgain(email);
    onSent();
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-2">
      {form.error && <Alert>{errorText}</Alert>}
      <Button type="submit" busy={form.busy} className="self-start">
        {t("settings:addressConfirm")}
      </Button>
    </form>
  );
}

function ChangeForm({ isFirst }: { isFirst: boolean }) {
  const { t } = useSettingsTranslation();
  const freshly = useFreshSignIn();
  const form = useForm(async ({ email = "" }) => {
    show(await freshly(() => unwrap(api.POST("/accounts/email", { body: { email } }))));
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-4">
      {form.error && <Alert>{errorText}</Alert>}
      <TextField
        label={t(isFirst ? "settings:addressFirst" : "settings:addressNew")}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="off"
        maxLength={254}
        required
        hint={t(isFirst ? "settings:addressFirstHint" : "settings:addressNewHint")}
        error={form.errors.email}
      />
      <Button type="submit" kind="primary" busy={form.busy} className="self-end">
        {t(isFirst ? "settings:addressAdd" : "settings:addressChange")}
      </Button>
    </form>
  );
}

function CancelButton() {
  const { t } = useSettingsTranslation();
  const form = useForm(async () => {
    await unwrap(api.DELETE("/accounts/email"));
    await queryClient.invalidateQueries({ queryKey: addressQuery.queryKey });
    toast(t("settings:addressCancelled"));
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-2">
      {form.error && <Alert>{errorText}</Alert>}
      <Button type="submit" kind="quiet" busy={form.busy} className="self-start">
        {t("settings:addressCancel")}
      </Button>
    </form>
  );
}
