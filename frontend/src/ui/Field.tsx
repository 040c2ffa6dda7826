import { CircleAlert, Eye, EyeOff } from "lucide-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { cx } from "./cx";

export const inputClass = cx(
  "w-full min-h-11 rounded-md border border-field bg-raised px-3 py-2 text-base font-normal text-ink",
  "aria-invalid:border-danger",
);

interface FrameProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

function Frame({
  label,
  hint,
  error,
  optional,
  children,
}: FrameProps & { children: (wiring: Wiring) => ReactNode }) {
  const { t } = useTranslation();
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
        {optional && <span className="font-normal text-mute"> ({t("app.optional")})</span>}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1 text-sm text-danger">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-mute">
          {hint}
        </p>
      )}
    </div>
  );
}

type InputProps = FrameProps &
  InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function TextField({ label, hint, error, optional = false, ...input }: InputProps) {
  return (
    <Frame label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => <input type="text" dir="auto" {...input} {...wiring} className={inputClass} />}
    </Frame>
  );
}

type AreaProps = FrameProps & TextareaHTMLAttributes<HTMLTextAreaElement>;

export function AreaField({ label, hint, error, optional = false, ...area }: AreaProps) {
  return (
    <Frame label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => (
        <textarea dir="auto" {...area} {...wiring} className={cx(inputClass, "resize-y")} />
      )}
    </Frame>
  );
}

export function PasswordField({ label, hint, error, ...input }: InputProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Frame label={label} hint={hint} error={error}>
      {(wiring) => (
        <span className="relative block">
          <input
            {...input}
            {...wiring}
            type={shown ? "text" : "password"}
            autoCapitalize="off"
            spellCheck={false}
            className={cx(inputClass, "pe-12")}
          />
          <button
            type="button"
            aria-label={t(shown ? "account.hide" : "account.show")}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-0 end-0 flex w-11 items-center justify-center rounded-md text-mute hover:text-ink"
          >
            {shown ? <EyeOff aria-hidden="true" size={18} /> : <Eye aria-hidden="true" size={18} />}
          </button>
        </span>
      )}
    </Frame>
  );
}
