import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useErrorTexts } from "@/ui/errorText";
import { toast } from "@/ui/toast";
import { SHORTCUTS, useShortcut } from "@/ui/useShortcut";
import { setPinned } from "./api";

type Pinnable = Pick<Conversation, "id" | "pinned">;

/** Pins a conversation or unpins it, and says which, or why not. Resolves to whether it was done. */
export function usePin(): (conversation: Pinnable) => Promise<boolean> {
  const { t } = useTranslation();
  const errorText = useErrorTexts();
  return async ({ id, pinned }) => {
    try {
      await setPinned(id, !pinned);
      toast(t(pinned ? "conversations.isUnpinned" : "conversations.isPinned"));
      return true;
    } catch (error) {
      toast(errorText(error));
      return false;
    }
  };
}

/** Pins or unpins the conversation that is open, by its key. */
export function usePinKey(): void {
  const { id } = useParams({ strict: false });
  const pin = usePin();
  useShortcut(SHORTCUTS.pin, () => {
    const open = queryClient.getQueryData<Pinnable>(keys.conversation(Number(id)));
    if (open) pin(open);
  });
}
