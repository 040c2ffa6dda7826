import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { NewPasswordField } from "./NewPasswordField";
import { profileQuery } from "./session";
import { Heading, Section } from "./settingsParts";

export function SecuritySettings() {
  const { t } = useTranslation();
  const { data: profile } = useQuery(profileQuery);
  const [changes, setChanges] = useState(0);
  const form = useForm(async ({ current_password = "", new_password = "" }) => {
    await unwrap(api.PATCH("/accounts/profile", { body: { current_password, new_password } }));
    setChanges((before) => before + 1);
    toast(t("settings.passwordChanged"));
  });
  const errorText = useErrorText(form.error);
  return (
    <>
      <Heading>{t("settings.security")}</Heading>
      <Section title={t("settings.changePassword")}>
        <form {...form.props} key={changes} className="flex flex-col gap-4">
          {form.error && <Alert>{errorText}</Alert>}
          {/* For password managers: whose password it is. */}
          <input type="text" autoComplete="username" value={profile?.email ?? ""} readOnly hidden />
          <PasswordField
            label={t("settings.currentPassword")}
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
            {t("settings.changePassword")}
          </Button>
        </form>
      </Section>
    </>
  );
}
