import { useState } from "react";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { type PersonalToken, renameToken, revokeToken } from "./personalTokens";

interface Props {
  token: PersonalToken;
  onGone: () => void;
}

export function PersonalTokenItem({ token, onGone }: Props) {
  const { t } = useSettingsTranslation();
  const [asked, setAsked] = useState<"rename" | "revoke" | null>(null);
  const { name } = token;
  return (
    <li className="flex flex-col gap-3 py-4 first:pt-0 last:pb-0">
      <div className="flex min-w-0 flex-col gap-1">
        <h3 className="flex flex-wrap items-center gap-2 text-base font-semibold">
          <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
          {token.state !== "active" && (
            <span className="rounded-full bg-danger-tint px-2 py-0.5 text-xs font-semibold text-danger">
              {t(`tokens:states.${token.state}`)}
            </span>
          )}
        </h3>
        <Facts token={token} />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button aria-label={t("tokens:renameNamed", { name })} onClick={() => setAsked("rename")}>
          {t("tokens:rename")}
        </Button>
        <Button
          kind="danger"
          aria-label={t("tokens:revokeNamed", { name })}
          onClick={() => setAsked("revoke")}
        >
          {t("tokens:revoke")}
        </Button>
      </div>
      {asked === "rename" && <RenameDialog token={token} onClose={() => setAsked(null)} />}
      {asked === "revoke" && (
        <RevokeDialog token={token} onClose={() => setAsked(null)} onGone={onGone} />
      )}
    </li>
  );
}

function Facts({ token }: { token: PersonalToken }) {
  const { t, i18n } = useSettingsTranslation();
  const { created_at, expires_at, last_used_at, usage } = token;
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const date = (of: Intl.DateTimeFormat, text: string) => ({ date: of.format(new Date(text)) });
  const facts = [
    t("tokens:made", date(day, created_at)),
    expires_at ? t("tokens:expires", date(day, expires_at)) : t("tokens:expiresNever"),
    last_used_at ? t("tokens:used", date(moment, last_used_at)) : t("tokens:usedNever"),
    t("tokens:usage", { ...usage }),
  ];
  return (
    <>
      <p className="font-mono text-xs text-mute [overflow-wrap:anywhere]">
        {token.start}… · {token.scopes.join(", ")}
      </p>
      <p className="text-sm text-mute">{facts.join(" · ")}</p>
    </>
  );
}

function RenameDialog({ token, onClose }: { token: PersonalToken; onClose: () => void }) {
  const { t } = useSettingsTranslation();
  const form = useForm(async ({ name = "" }) => {
    await renameToken(token.id, name);
    toast(t("app.saved"));
    onClose();
  });
  const errorText = useErrorText(form.error);
  return (
    <Dialog open onClose={onClose} title={t("tokens:renameTitle")}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        <TextField
          label={t("tokens:name")}
          name="name"
          defaultValue={token.name}
          maxLength={50}
          required
          error={form.errors.name}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("app.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function RevokeDialog({ token, onClose, onGone }: Props & { onClose: () => void }) {
  const { t } = useSettingsTranslation();
  const confirm = async () => {
    await revokeToken(token.id);
    onGone();
    toast(t("tokens:revoked", { name: token.name }));
    onClose();
  };
  return (
    <ConfirmDialog
      title={t("tokens:revokeTitle", { name: token.name })}
      text={t("tokens:revokeText")}
      action={t("tokens:revoke")}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
