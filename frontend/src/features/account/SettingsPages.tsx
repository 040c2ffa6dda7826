import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { ArrowLeft, ChevronRight, KeyRound, Trash2, UserRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { type Language, setLanguage } from "@/i18n";
import { LANGUAGE_NAMES } from "@/layout/Appearance";
import { forgetPerson } from "@/layout/forget";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { inputClass, PasswordField, TextField } from "@/ui/Field";
import { toast } from "@/ui/notices";
import { useRefusalText } from "@/ui/refusal";
import { Alert } from "@/ui/states";
import { setTheme, THEMES, type Theme, useTheme } from "@/ui/theme";
import { useForm } from "@/ui/useForm";
import { useIsNarrow } from "@/ui/useMedia";
import { usePage } from "@/ui/usePage";
import { profileQuery } from "./session";

const ROOMS = [
  { to: "/settings/profile", name: "profile", icon: UserRound },
  { to: "/settings/security", name: "security", icon: KeyRound },
  { to: "/settings/data", name: "data", icon: Trash2 },
] as const;

/** Tabs at the left; on a phone a list, and a way back to it. */
export function SettingsPage() {
  const { t } = useTranslation();
  const isNarrow = useIsNarrow();
  const { pathname } = useRouterState({ select: ({ location }) => location });
  const isIndex = /^\/settings\/?$/.test(pathname);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[800px] gap-8 px-4 pt-6 pb-12">
        {!isNarrow && (
          <nav aria-label={t("settings.title")} className="w-48 shrink-0">
            <p aria-hidden="true" className="px-3 pb-2 text-lg font-semibold">
              {t("settings.title")}
            </p>
            <Rooms />
          </nav>
        )}
        <div className="flex min-w-0 flex-1 flex-col gap-6">
          {isNarrow && !isIndex && (
            <Link
              to="/settings"
              className="inline-flex min-h-11 items-center gap-2 self-start rounded-md text-sm text-mute"
            >
              <ArrowLeft aria-hidden="true" size={16} />
              {t("settings.title")}
            </Link>
          )}
          <Outlet />
        </div>
      </div>
    </main>
  );
}

function Rooms() {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-col gap-1">
      {ROOMS.map(({ to, name, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            activeProps={{ className: "bg-tint font-semibold" }}
            className="flex min-h-11 items-center gap-3 rounded-md px-3 text-sm hover:bg-sunken"
          >
            <Icon aria-hidden="true" size={18} />
            {t(`settings.${name}`)}
            <ChevronRight
              aria-hidden="true"
              size={16}
              className="ms-auto text-mute min-[900px]:hidden"
            />
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function SettingsIndex() {
  const isNarrow = useIsNarrow();
  return isNarrow ? <SettingsList /> : <Navigate to="/settings/profile" replace />;
}

function SettingsList() {
  const { t } = useTranslation();
  const heading = usePage(t("settings.title"));
  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="text-xl">
        {t("settings.title")}
      </h1>
      <Rooms />
    </>
  );
}

function Heading({ children }: { children: string }) {
  const heading = usePage(children);
  return (
    <h1 ref={heading} tabIndex={-1} className="text-xl">
      {children}
    </h1>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-4 sm:p-6">
      <h2 className="text-lg">{title}</h2>
      {children}
    </section>
  );
}

export function ProfileSettings() {
  const { t, i18n } = useTranslation();
  const { data: profile } = useQuery(profileQuery);
  const form = useForm(async ({ nickname = "", review_emails }) => {
    // A box without its tick sends nothing; where the site sends no mails there is no box.
    const mails = profile?.review_emails === null ? {} : { review_emails: review_emails === "on" };
    const changed = await unwrap(api.PATCH("/accounts/profile", { body: { nickname, ...mails } }));
    queryClient.setQueryData(profileQuery.queryKey, changed);
    toast(t("app.saved"));
  });
  const refusalText = useRefusalText(form.refusal);
  if (!profile) return null;
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" });
  return (
    <>
      <Heading>{t("settings.profile")}</Heading>
      <Section title={t("settings.account")}>
        <form {...form.props} className="flex flex-col gap-4">
          {form.refusal && <Alert>{refusalText}</Alert>}
          <TextField
            label={t("account.email")}
            type="email"
            value={profile.email}
            readOnly
            hint={t("settings.joined", { date: date.format(new Date(profile.created_at)) })}
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
              {t("settings.reviewEmails")}
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
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  return (
    <Section title={t("settings.appearance")}>
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

export function SecuritySettings() {
  const { t } = useTranslation();
  const { data: profile } = useQuery(profileQuery);
  const [round, setRound] = useState(0);
  const form = useForm(async ({ current_password = "", new_password = "" }) => {
    await unwrap(api.PATCH("/accounts/profile", { body: { current_password, new_password } }));
    setRound((before) => before + 1);
    toast(t("settings.passwordChanged"));
  });
  const refusalText = useRefusalText(form.refusal);
  return (
    <>
      <Heading>{t("settings.security")}</Heading>
      <Section title={t("settings.changePassword")}>
        <form {...form.props} key={round} className="flex flex-col gap-4">
          {form.refusal && <Alert>{refusalText}</Alert>}
          {/* Password managers need to know whose password it is. */}
          <input type="text" autoComplete="username" value={profile?.email ?? ""} readOnly hidden />
          <PasswordField
            label={t("settings.currentPassword")}
            name="current_password"
            autoComplete="current-password"
            required
            error={form.errors.current_password}
          />
          <PasswordField
            label={t("account.newPassword")}
            name="new_password"
            autoComplete="new-password"
            required
            minLength={8}
            hint={t("account.passwordHint")}
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

export function DataSettings() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<"clear" | "leave" | null>(null);
  return (
    <>
      <Heading>{t("settings.data")}</Heading>
      <Section title={t("settings.clearTitle")}>
        <p className="text-sm text-mute">{t("settings.clearText")}</p>
        <Button kind="danger" className="self-start" onClick={() => setAsked("clear")}>
          {t("settings.clearAction")}
        </Button>
      </Section>
      <Section title={t("settings.leaveTitle")}>
        <p className="text-sm text-mute">{t("settings.leaveText")}</p>
        <Button kind="danger" className="self-start" onClick={() => setAsked("leave")}>
          {t("settings.leaveAction")}
        </Button>
      </Section>
      {asked === "clear" && <ClearDialog onClose={() => setAsked(null)} />}
      {asked === "leave" && <LeaveDialog onClose={() => setAsked(null)} />}
    </>
  );
}

function ClearDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm(async () => {
    await unwrap(api.DELETE("/chat"));
    forgetPerson();
    queryClient.removeQueries({ queryKey: ["conversation"] });
    await queryClient.invalidateQueries({ queryKey: ["conversations"] });
    toast(t("settings.cleared"));
    onClose();
  });
  const refusalText = useRefusalText(form.refusal);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("settings.clearTitle")}
      description={t("settings.clearText")}
    >
      <form {...form.props} className="flex flex-col gap-4">
        {form.refusal && <Alert>{refusalText}</Alert>}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="danger" busy={form.busy}>
            {t("settings.clearAction")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function LeaveDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm(async ({ password = "" }) => {
    await unwrap(api.DELETE("/accounts/profile", { body: { password } }));
    forgetPerson();
    location.assign("/join");
  });
  const refusalText = useRefusalText(form.refusal);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("settings.leaveTitle")}
      description={t("settings.leaveText")}
    >
      <form {...form.props} className="flex flex-col gap-4">
        {form.refusal && <Alert>{refusalText}</Alert>}
        <PasswordField
          label={t("account.password")}
          name="password"
          autoComplete="current-password"
          required
          hint={t("settings.leaveConfirm")}
          error={form.errors.password}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="danger" busy={form.busy}>
            {t("settings.leaveAction")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
