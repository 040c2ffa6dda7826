import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { type Language, setLanguage } from "@/i18n";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { inputClass, TextField } from "@/ui/Field";
import { LANGUAGE_NAMES } from "@/ui/languages";
import { Alert } from "@/ui/states";
import { setTheme, THEMES, type Theme, useTheme } from "@/ui/theme";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { profileQuery } from "./session";
import { Heading, Section } from "./settingsParts";

export function ProfileSettings() {
  const { t, i18n } = useSettingsTranslation();
  const { data: profile } = useQuery(profileQuery);
  const form = useForm(async ({ nickname = "", review_emails }) => {
    // An unchecked box sends no value. Where the site sends no mails, there is no box.
    const mails = profile?.review_emails === null ? {} : { review_emails: review_emails === "on" };
    const changed = await unwrap(api.PATCH("/accounts/profile", { body: { nickname, ...mails } }));
    queryClient.setQueryData(profileQuery.queryKey, changed);
    toast(t("app.saved"));
  });
  const errorText = useErrorText(form.error);
  if (!profile) return null;
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" });
  return (
    <>
      <Heading>{t("settings:profile")}</Heading>
      <Section title={t("settings:account")}>
        <form {...form.props} className="flex flex-col gap-4">
          {form.error && <Alert>{errorText}</Alert>}
          <TextField
            label={t("account.email")}
            type="email"
            value={profile.email ?? ""}
            placeholder={t("settings:noEmail")}
            readOnly
            hint={t("settings:joined", { date: date.format(new Date(profile.created_at)) })}
          />
          <TextField
            label={t("account.nickname")}
            name="nickname"
            autoComplete="nickname"
            maxLength={50}
            defaultValue={profile.nickname}
            hint={t("account.nicknameHint")}
            error={form.errors.nickname}
          />
          {profile.review_emails !== null && (
            <label className="flex min-h-11 items-center gap-3 text-sm">
              <input
                type="checkbox"
                name="review_emails"
                defaultChecked={profile.review_emails}
                className="size-5 accent-accent"
              />
              {t("settings:reviewEmails")}
            </label>
          )}
          <Button type="submit" kind="primary" busy={form.busy} className="self-end">
            {t("app.save")}
          </Button>
        </form>
      </Section>
      <AppearanceSection />
    </>
  );
}

function AppearanceSection() {
  const { t, i18n } = useSettingsTranslation();
  const theme = useTheme();
  return (
    <Section title={t("settings:appearance")}>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        {t("app.language")}
        <select
          value={i18n.language}
          onChange={(event) => setLanguage(event.target.value as Language)}
          className={inputClass}
        >
          {LANGUAGE_NAMES.map(({ value, label }) => (
            <option key={value} value={value} lang={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        {t("app.theme")}
        <select
          value={theme}
          onChange={(event) => setTheme(event.target.value as Theme)}
          className={inputClass}
        >
          {THEMES.map((value) => (
            <option key={value} value={value}>
              {t(`app.themes.${value}`)}
            </option>
          ))}
        </select>
      </label>
    </Section>
  );
}
