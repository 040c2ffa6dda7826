import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { toast } from "@/ui/toast";
import { deleteConversation } from "./api";

/** Deletes the open temporary conversation at once, and begins a new one. */
export default function DeleteTemporaryDialog({
  id,
  onClose,
}: {
  id: number;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = async () => {
    await deleteConversation(id);
    onClose();
    toast(t("conversations.deleted"));
    await navigate({ to: "/" });
    queryClient.removeQueries({ queryKey: keys.conversation(id) }); // no longer shown
  };
  return (
    <ConfirmDialog
      title={t("chat.temporary.deleteTitle")}
      text={t("chat.temporary.deleteText")}
      action={t("chat.temporary.delete")}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
