import { MessageCircleDashed } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorTexts } from "@/ui/errorText";
import { showLoaded } from "@/ui/showLoaded";
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

const ACTION =
  "min-h-8 shrink-0 font-semibold text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11";

const loadDelete = () => import("./DeleteTemporaryDialog");
const DeleteTemporaryDialog = lazy(loadDelete);

/** Says that the open conversation is temporary. `id` is missing until the server has stored it. */
export function TemporaryMark({ id }: { id: number | null }) {
  const { t } = useTranslation();
  return (
    <div className="flex gap-2 text-xs text-mute">
      <MessageCircleDashed aria-hidden="true" size={16} className="mt-2 shrink-0" />
      <div className="flex flex-wrap items-center gap-x-3">
        <p className="py-2">{t("chat.temporary.mark")}</p>
        {id !== null && <Actions id={id} />}
      </div>
    </div>
  );
}

function Actions({ id }: { id: number }) {
  const { t } = useTranslation();
  const errorText = useErrorTexts();
  const [busy, setBusy] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const keep = async () => {
    setBusy(true);
    try {
      await keepConversation(id);
      toast(t("chat.temporary.kept"));
    } catch (error) {
      toast(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={keep} className={ACTION}>
        {t("chat.temporary.keep")}
      </button>
      <button
        type="button"
        onClick={() => showLoaded(loadDelete, () => setDeleting(true))}
        className={ACTION}
      >
        {t("chat.temporary.delete")}
      </button>
      <Suspense>
        {isDeleting && <DeleteTemporaryDialog id={id} onClose={() => setDeleting(false)} />}
      </Suspense>
    </>
  );
}
