import { type MouseEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { useIsTouch } from "@/ui/useMedia";
import { useCost } from "./useCost";

interface PaidButtonProps {
  label: string;
  /** The label is there to read, beside the sign. */
  shows?: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** A button that leads to another answer, and says what that costs. With no question left it does
 * nothing and says why; it is not `disabled`, so that keyboard users can read the reason, too. The
 * first time in a browser it asks the user to confirm the cost.
 */
export function PaidButton({ label, shows, onClick, children }: PaidButtonProps) {
  const { t } = useTranslation();
  const { text, isSpent } = useCost();
  const [isAsking, setAsking] = useState(false);
  const opener = useRef<HTMLElement>(null);
  // A touch screen shows no titles.
  const note = useIsTouch() && text ? t("chat.takesOne") : "";
  const name = note ? `${label}, ${note}` : label;
  const press = ({ currentTarget }: MouseEvent<HTMLElement>) => {
    opener.current = currentTarget;
    if (isSpent) return;
    if (text && !hasConfirmed()) setAsking(!isAsking);
    else onClick();
  };
  const confirm = () => {
    rememberConfirmed();
    setAsking(false);
    onClick();
  };
  const cancel = () => {
    setAsking(false);
    opener.current?.focus();
  };
  return (
    <>
      <IconButton
        small
        label={name}
        title={text ? `${label}. ${text}` : label}
        aria-disabled={isSpent || undefined}
        aria-expanded={isAsking || undefined}
        onClick={press}
        className={cx(
          note && "gap-1 pointer-coarse:w-auto px-3",
          shows && "w-auto gap-1 px-2",
          isSpent && "opacity-40",
        )}
      >
        {children}
        {shows ? (
          <span className="text-sm">{name}</span>
        ) : (
          note && <span className="text-xs">{note}</span>
        )}
      </IconButton>
      {isAsking && !isSpent && (
        <Confirmation label={label} text={text} onConfirm={confirm} onCancel={cancel} />
      )}
    </>
  );
}

interface ConfirmationProps {
  label: string;
  text: string;
  onConfirm: () => void;
  onCancel: () => void;
}

function Confirmation({ label, text, onConfirm, onCancel }: ConfirmationProps) {
  const { t } = useTranslation();
  const button = "min-h-8 rounded-md px-2 hover:bg-sunken pointer-coarse:min-h-11";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <span
      role="group"
      aria-label={label}
      className="flex flex-wrap items-center gap-x-1 ps-2 text-sm text-mute"
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <span>{text}</span>
      <button
        type="button"
        // biome-ignore lint/a11y/noAutofocus: opened by the user, to be answered here
        autoFocus
        onClick={onConfirm}
        className={cx(button, "font-semibold text-accent")}
      >
        {t("chat.goAhead")}
      </button>
      <button type="button" onClick={onCancel} className={button}>
        {t("app.cancel")}
      </button>
    </span>
  );
}

const KEY = "daesa.cost-confirmed";

function hasConfirmed(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true; // it could not be remembered, and would be asked each time
  }
}

function rememberConfirmed(): void {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // as above
  }
}
