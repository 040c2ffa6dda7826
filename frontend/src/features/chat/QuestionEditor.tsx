import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { inputClass } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { MAX_QUESTION_LENGTH } from "./Composer";
import { readDraft, saveDraft } from "./drafts";
import { useCost } from "./useCost";

interface QuestionEditorProps {
  /** The chat's. */
  id: number;
  text: string;
  onEditing: (editing: boolean) => void;
  onResend: (text: string) => void;
}

/** Edits a question in its place. The changed text is kept as a draft: it is still there after a
 * reload, and can be restored after a cancel.
 */
export default function QuestionEditor({ id, text, onEditing, onResend }: QuestionEditorProps) {
  const { t } = useTranslation();
  const cost = useCost();
  const draftKey = `edit.${id}`;
  const [draft, setDraft] = useState(() => readDraft(draftKey) || text);
  const isSendable = draft.trim() !== "" && draft.length <= MAX_QUESTION_LENGTH;
  const change = (next: string) => {
    setDraft(next);
    saveDraft(draftKey, next === text ? "" : next);
  };
  const close = () => {
    saveDraft(draftKey, "");
    onEditing(false);
  };
  const cancel = () => {
    close();
    if (!draft.trim() || draft === text) return;
    const undo = () => {
      saveDraft(draftKey, draft);
      onEditing(true);
    };
    toast(t("chat.editDiscarded"), { undo });
  };
  return (
    <form
      className="flex w-full flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSendable || cost.isSpent) return;
        close();
        onResend(draft.trim());
      }}
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: opened by the user, to type here
        autoFocus
        aria-label={t("chat.editLabel")}
        value={draft}
        rows={Math.min(10, draft.split("\n").length + 1)}
        onChange={(event) => change(event.target.value)}
        dir="auto"
        onKeyDown={(event) => {
          if (event.key === "Escape") cancel();
          const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
          if (isSend && !event.nativeEvent.isComposing) event.currentTarget.form?.requestSubmit();
        }}
        className={cx(inputClass, "resize-y")}
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span className="me-auto text-sm text-mute">{cost.text}</span>
        <Button onClick={cancel}>{t("app.cancel")}</Button>
        <Button type="submit" kind="primary" disabled={!isSendable || cost.isSpent}>
          {t("chat.resend")}
        </Button>
      </div>
    </form>
  );
}
