import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { clearPersonalData } from "@/api/personalData";
import { queryClient } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { PasswordField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { Heading, Section } from "./settingsParts";

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
    clearPersonalData();
    queryClient.removeQueries({ queryKey: keys.conversations });
    await queryClient.invalidateQueries({ queryKey: keys.conversationList });
    toast(t("settings.cleared"));
    onClose();
  });
  const errorText = useErrorText(form.error);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("settings.clearTitle")}
      description={t("settings.clearText")}
    >
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
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
    clearPersonalData();
    location.assign("/join");
  });
  const errorText = useErrorText(form.error);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("settings.leaveTitle")}
      description={t("settings.leaveText")}
    >
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
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
