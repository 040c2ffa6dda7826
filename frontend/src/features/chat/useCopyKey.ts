import { useTranslation } from "react-i18next";
import { copy } from "@/ui/CopyButton";
import { toast } from "@/ui/toast";
import { SHORTCUTS, useShortcut } from "@/ui/useShortcut";
import type { Step } from "./branches";

/** A key copies the last answer. */
export function useCopyKey(steps: readonly Step[]): void {
  const { t } = useTranslation();
  useShortcut(SHORTCUTS.copyAnswer, async () => {
    const text = steps.at(-1)?.chat.chat_reply?.content;
    if (text && (await copy(text))) toast(t("chat.answerCopied"));
  });
}
