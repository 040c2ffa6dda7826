import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "./cx";

type Kind = "primary" | "secondary" | "quiet" | "danger";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent hover:opacity-90",
  secondary: "border border-field bg-raised text-ink hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "border border-danger text-danger hover:bg-danger-tint",
};

export const buttonClass = (kind: Kind = "secondary", className?: string) =>
  cx(
    "inline-flex min-h-11 items-center justify-center gap-2 rounded-md px-4 text-sm font-semibold",
    "transition-opacity duration-150 disabled:opacity-50 disabled:pointer-events-none select-none",
    "aria-disabled:opacity-50 aria-disabled:pointer-events-none",
    KINDS[kind],
    className,
  );

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** Shows a spinner and ignores clicks. The button keeps the focus, which `disabled` would take. */
  busy?: boolean;
}

export function Button({ kind, busy = false, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      {...(busy && { "aria-busy": true, "aria-disabled": true, onClick: ignore })}
      className={buttonClass(kind, className)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

/** Forms ignore a second submit themselves; other clicks do nothing. */
function ignore(event: { preventDefault: () => void }): void {
  event.preventDefault();
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  children: ReactNode;
  small?: boolean;
}

export function IconButton({
  label,
  small = false,
  className,
  children,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={cx(
        "inline-flex shrink-0 items-center justify-center rounded-md text-mute transition-opacity",
        "duration-150 hover:bg-sunken hover:text-ink disabled:opacity-40",
        small ? "size-8 pointer-coarse:size-11" : "size-11",
        className,
      )}
    >
      {children}
    </button>
  );
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-4 animate-spin rounded-full border-2 border-current border-t-transparent"
    />
  );
}
