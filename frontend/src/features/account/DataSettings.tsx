import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { clearPersonalData } from "@/api/personalData";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { toast } from "@/ui/toast";
import { ExportSection } from "./ExportSection";
import { useFreshSignIn } from "./freshSignIn";
import { ImportSection } from "./ImportSection";
import { profileQuery } from "./session";
import { Heading, Section } from "./settingsParts";

export function DataSettings() {
  const { t } = useSettingsTranslation();
  const [asked, setAsked] = useState<"clear" | "leave" | null>(null);
  return (
    <>
      <Heading>{t("settings:data")}</Heading>
      <ExportSection />
      <ImportSection />
      <Retention />
      <Section title={t("settings:clearTitle")}>
        <p className="text-sm text-mute">{t("settings:clearText")}</p>
        <Button kind="danger" className="self-start" onClick={() => setAsked("clear")}>
          {t("settings:clearAction")}
        </Button>
      </Section>
      <Section title={t("settings:leaveTitle")}>
        <p className="text-sm text-mute">{t("settings:leaveText")}</p>
        <Button kind="danger" className="self-start" onClick={() => setAsked("leave")}>
          {t("settings:leaveAction")}
        </Button>
      </Section>
      {asked === "clear" && <ClearDialog onClose={() => setAsked(null)} />}
      {asked === "leave" && <LeaveDialog onClose={() => setAsked(null)} />}
    </>
  );
}

/** Nothing where the site keeps conversations until their user deletes them. */
function Retention() {
  const { t } = useSettingsTranslation();
  const { data: profile } = useQuery(profileQuery);
  if (!profile?.chat_retention_days) return null;
  return (
    <Section title={t("data:retentionTitle")}>
      <p className="text-sm text-mute">
        {t("data:retention", { count: profile.chat_retention_days })}
      </p>
    </Section>
  );
}

function ClearDialog({ onClose }: { onClose: () => void }) {
  const { t } = useSettingsTranslation();
  const confirm = async () => {
    await unwrap(api.DELETE("/chat"));
    clearPersonalData();
    queryClient.removeQueries({ queryKey: keys.conversations });
    await queryClient.invalidateQueries({ queryKey: keys.conversationList });
    toast(t("settings:cleared"));
    onClose();
  };
  return (
    <ConfirmDialog
      title={t("settings:clearTitle")}
      text={t("settings:clearText")}
      action={t("settings:clearAction")}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

function LeaveDialog({ onClose }: { onClose: () => void }) {
  const { t } = useSettingsTranslation();
  const confirmed = useFreshSignIn();
  const confirm = async () => {
    await confirmed(() => unwrap(api.DELETE("/accounts/profile", { body: {} })));
    clearPersonalData();
    location.assign("/join");
  };
  return (
    <ConfirmDialog
      title={t("settings:leaveTitle")}
      text={t("settings:leaveText")}
      action={t("settings:leaveAction")}
      onConfirm={confirm}
      onClose={onClose}
    >
      <label className="flex min-h-11 items-center gap-3 text-sm">
        <input type="checkbox" required className="size-5 accent-accent" />
        {t("settings:leaveConfirm")}
      </label>
    </ConfirmDialog>
  );
}
