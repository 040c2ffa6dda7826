import { MessageCircleDashed } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorTexts } from "@/ui/errorText";
import { toast } from "@/ui/toast";
import { keepConversation } from "./api";

interface TemporarySwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** Whether the conversation that is about to begin is temporary, and what that means. */
export function TemporarySwitch({ checked, onChange }: TemporarySwitchProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <label className="inline-flex min-h-8 cursor-pointer items-center gap-3 text-sm pointer-coarse:min-h-11">
        <input
          type="checkbox"
          role="switch"
          aria-checked={checked}
          aria-describedby={id}
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
          className="peer sr-only"
        />
        <span
          aria-hidden="true"
          className="flex h-6 w-10 shrink-0 items-center rounded-full border border-field bg-raised p-[3px] transition-colors duration-150 before:size-4 before:rounded-full before:bg-field before:transition-transform before:duration-150 peer-checked:border-accent peer-checked:bg-accent peer-checked:before:translate-x-4 peer-checked:before:bg-on-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
        />
        {t("chat.temporary.label")}
      </label>
      <p id={id} className="text-xs text-mute">
        {t("chat.temporary.what")}
      </p>
    </div>
  );
}

/** Says that the open conversation is temporary. `id` is missing until the server has stored it. */
export function TemporaryMark({ id }: { id: number | null }) {
  const { t } = useTranslation();
  const errorText = useErrorTexts();
  const [busy, setBusy] = useState(false);
  const keep = async (kept: number) => {
    setBusy(true);
    try {
      await keepConversation(kept);
      toast(t("chat.temporary.kept"));
    } catch (error) {
      toast(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <p className="flex items-center gap-2 text-xs text-mute">
      <MessageCircleDashed aria-hidden="true" size={16} className="shrink-0" />
      <span>{t("chat.temporary.mark")}</span>
      {id !== null && (
        <button
          type="button"
          disabled={busy}
          onClick={() => keep(id)}
          className="min-h-8 shrink-0 font-semibold text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11"
        >
          {t("chat.temporary.keep")}
        </button>
      )}
    </p>
  );
}
