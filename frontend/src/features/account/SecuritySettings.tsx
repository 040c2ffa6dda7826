import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { useFreshSignIn } from "./freshSignIn";
import { NewPasswordField } from "./NewPasswordField";
import { SignInWays } from "./SignInWays";
import { profileQuery } from "./session";
import { Heading, Section } from "./settingsParts";
import { signInWaysQuery } from "./signInWays";

export function SecuritySettings() {
  const { t } = useTranslation();
  const { data: profile } = useQuery(profileQuery);
  const [changes, setChanges] = useState(0);
  const hasPassword = useQuery(signInWaysQuery).data?.hasPassword ?? true;
  const fresh = useFreshSignIn();
  // Without a password there is no field for the current one; the server wants a fresh sign-in.
  const form = useForm(async ({ current_password, new_password = "" }) => {
    const body = { new_password, ...(current_password !== undefined && { current_password }) };
    await fresh(() => unwrap(api.PATCH("/accounts/profile", { body })));
    setChanges((before) => before + 1);
    queryClient.invalidateQueries({ queryKey: signInWaysQuery.queryKey });
    toast(t("settings.passwordChanged"));
  });
  const errorText = useErrorText(form.error);
  const action = t(hasPassword ? "settings.changePassword" : "settings.setPassword");
  return (
    <>
      <Heading>{t("settings.security")}</Heading>
      <SignInWays />
      <Section title={action}>
        <form {...form.props} key={changes} className="flex flex-col gap-4">
          {form.error && <Alert>{errorText}</Alert>}
          {/* For password managers: whose password it is. */}
          <input type="text" autoComplete="username" value={profile?.email ?? ""} readOnly hidden />
          {hasPassword && (
            <PasswordField
              label={t("settings.currentPassword")}
              name="current_password"
              autoComplete="current-password"
              required
              error={form.errors.current_password}
            />
          )}
          <NewPasswordField
            label={t("account.newPassword")}
            name="new_password"
            error={form.errors.new_password}
          />
          <Button type="submit" kind="primary" busy={form.busy} className="self-end">
            {action}
          </Button>
        </form>
      </Section>
    </>
  );
}
