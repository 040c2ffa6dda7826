import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { AddressSettings } from "./AddressSettings";
import { useFreshSignIn } from "./freshSignIn";
import { NewPasswordField } from "./NewPasswordField";
import { SecondFactorSection } from "./SecondFactorSection";
import { SignInWays } from "./SignInWays";
import { addressQuery, profileQuery } from "./session";
import { Heading, Section } from "./settingsParts";

export function SecuritySettings() {
  const { t } = useSettingsTranslation();
  const { data: profile } = useQuery(profileQuery);
  return (
    <>
      <Heading>{t("settings:security")}</Heading>
      <AddressSettings />
      {profile?.has_password === false ? <FirstPassword /> : <ChangePassword />}
      <SignInWays />
      <SecondFactorSection />
    </>
  );
}

function ChangePassword() {
  const { t } = useSettingsTranslation();
  const { data: profile } = useQuery(profileQuery);
  const [changes, setChanges] = useState(0);
  const form = useForm(async ({ current_password = "", new_password = "" }) => {
    await unwrap(api.PATCH("/accounts/profile", { body: { current_password, new_password } }));
    setChanges((before) => before + 1);
    toast(t("settings:passwordChanged"));
  });
  const errorText = useErrorText(form.error);
  return (
    <Section title={t("account.changePassword")}>
      <form {...form.props} key={changes} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        {/* For password managers: whose password it is. */}
        <input type="text" autoComplete="username" value={profile?.email ?? ""} readOnly hidden />
        <PasswordField
          label={t("settings:currentPassword")}
          name="current_password"
          autoComplete="current-password"
          required
          error={form.errors.current_password}
        />
        <NewPasswordField
          label={t("account.newPassword")}
          name="new_password"
          error={form.errors.new_password}
        />
        <Button type="submit" kind="primary" busy={form.busy} className="self-end">
          {t("account.changePassword")}
        </Button>
      </form>
    </Section>
  );
}

/** For people who sign in in other ways; the address must be confirmed, as it is the login. */
function FirstPassword() {
  const { t } = useSettingsTranslation();
  const freshly = useFreshSignIn();
  const { data: address } = useQuery(addressQuery);
  const form = useForm(async ({ new_password = "" }) => {
    const change = () => unwrap(api.PATCH("/accounts/profile", { body: { new_password } }));
    queryClient.setQueryData(profileQuery.queryKey, await freshly(change));
    toast(t("settings:passwordSet"));
  });
  const errorText = useErrorText(form.error);
  return (
    <Section title={t("settings:setPassword")}>
      {address && !address.is_confirmed ? (
        <p className="text-sm text-mute">{t("settings:passwordNeedsAddress")}</p>
      ) : (
        <form {...form.props} className="flex flex-col gap-4">
          {form.error && <Alert>{errorText}</Alert>}
          <input type="text" autoComplete="username" value={address?.email ?? ""} readOnly hidden />
          <NewPasswordField
            label={t("account.newPassword")}
            name="new_password"
            error={form.errors.new_password}
          />
          <Button type="submit" kind="primary" busy={form.busy} className="self-end">
            {t("settings:setPassword")}
          </Button>
        </form>
      )}
    </Section>
  );
}
