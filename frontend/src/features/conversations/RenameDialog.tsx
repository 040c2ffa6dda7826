import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { rename } from "./api";

export default function RenameDialog({
  conversation,
  onClose,
}: {
  conversation: Conversation;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const form = useForm(async ({ title = "" }) => {
    await rename(conversation.id, title.trim());
    onClose();
  });
  const errorText = useErrorText(form.error);
  return (
    <Dialog open onClose={onClose} title={t("conversations.renameTitle")}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        <TextField
          label={t("conversations.name")}
          name="title"
          defaultValue={conversation.title}
          maxLength={200}
          error={form.errors.title}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("app.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
