import { Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { cx } from "@/ui/cx";
import { inputClass } from "@/ui/Field";
import { MAX_QUESTION_LENGTH } from "./Composer";
import { VersionSwitcher } from "./VersionSwitcher";

interface QuestionProps {
  text: string;
  versions?: { index: number; count: number; onGo: (index: number) => void };
  /** Missing while the question cannot be edited. */
  onResend?: ((text: string) => void) | undefined;
}

export function Question({ text, versions, onResend }: QuestionProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  return (
    <article aria-label={t("chat.you")} className="flex flex-col items-end">
      {editing && onResend ? (
        <Editor
          text={text}
          onCancel={() => setEditing(false)}
          onResend={(next) => {
            setEditing(false);
            onResend(next);
          }}
        />
      ) : (
        <>
          <p className="max-w-[85%] rounded-lg rounded-se-md bg-tint px-4 py-2 whitespace-pre-wrap">
            {text}
          </p>
          <div className="flex min-h-8 items-center">
            {versions && <VersionSwitcher {...versions} />}
            <CopyButton label={t("chat.copy")} text={() => text} />
            {onResend && (
              <IconButton small label={t("chat.edit")} onClick={() => setEditing(true)}>
                <Pencil aria-hidden="true" size={16} />
              </IconButton>
            )}
          </div>
        </>
      )}
    </article>
  );
}

interface EditorProps {
  text: string;
  onCancel: () => void;
  onResend: (text: string) => void;
}

function Editor({ text, onCancel, onResend }: EditorProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(text);
  const isSendable = draft.trim() !== "" && draft.length <= MAX_QUESTION_LENGTH;
  return (
    <form
      className="flex w-full flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSendable) onResend(draft.trim());
      }}
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: opened by the user, to type here
        autoFocus
        aria-label={t("chat.editLabel")}
        value={draft}
        rows={Math.min(10, draft.split("\n").length + 1)}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onCancel()}
        className={cx(inputClass, "resize-y")}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t("app.cancel")}</Button>
        <Button type="submit" kind="primary" disabled={!isSendable}>
          {t("chat.resend")}
        </Button>
      </div>
    </form>
  );
}
