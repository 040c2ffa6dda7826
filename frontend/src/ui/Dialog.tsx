import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import { cx } from "./cx";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  /** The focus goes to the first element with `data-autofocus`, else to the first field, else to
   * the first button of a form that does not submit it, else to the close button.
   */
  children: ReactNode;
  /** `sheet` comes from the bottom, `drawer` from the side, `top` is near the top, for searching.
   */
  shape?: "card" | "sheet" | "drawer" | "top";
  bare?: boolean;
}

const SHAPES = {
  card: "inset-x-4 top-1/2 mx-auto max-h-[85dvh] max-w-[440px] -translate-y-1/2 rounded-lg p-6 animate-appear",
  sheet:
    "inset-x-0 bottom-0 max-h-[80dvh] rounded-t-lg p-6 pb-[calc(24px+env(safe-area-inset-bottom))] animate-rise",
  drawer: "inset-y-0 start-0 w-[min(320px,calc(100vw-48px))] animate-slide",
  top: "inset-x-4 top-[10dvh] mx-auto max-h-[75dvh] max-w-[600px] rounded-lg p-6 animate-appear",
} as const;

/** A modal dialog. Its overlay is a plain element, because Radix's injects a `<style>`, which the
 * CSP forbids.
 */
export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  shape = "card",
  bare = false,
}: DialogProps) {
  const { t } = useTranslation();
  // Radix returns the focus to its own trigger, but these dialogs have none.
  const opener = useRef<Element | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 animate-appear bg-shade" />
        <Radix.Content
          data-modal
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            const first = firstStop(event.target as Element);
            if (!first || shape === "drawer") return;
            event.preventDefault();
            first.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // The page that a link of the dialog leads to may have taken the focus already.
            if (document.activeElement?.matches("input, textarea")) return;
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          onKeyDown={(event) => {
            // Radix gives Escape to what was opened last, which may be a notice over the dialog.
            if (event.key !== "Escape" || event.defaultPrevented) return;
            event.preventDefault();
            onClose();
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-50 overflow-y-auto overscroll-contain bg-bg shadow-float outline-none",
            SHAPES[shape],
          )}
        >
          {bare ? (
            <Radix.Title className="sr-only">{title}</Radix.Title>
          ) : (
            <div className="mb-4 flex items-start justify-between gap-4">
              <div>
                <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
                {description && (
                  <Radix.Description className="mt-1 text-sm text-mute">
                    {description}
                  </Radix.Description>
                )}
              </div>
              <IconButton label={t("app.close")} onClick={onClose} className="-me-3 -mt-2">
                <X aria-hidden="true" size={20} />
              </IconButton>
            </div>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const STOPS = [
  "[data-autofocus]",
  "input:not([type=hidden], [readonly], :disabled), textarea:not(:disabled), select:not(:disabled)",
  "form button[type=button]", // "Cancel"
];

function firstStop(dialog: Element): HTMLElement | null | undefined {
  return STOPS.map((stop) => dialog.querySelector<HTMLElement>(stop)).find(Boolean);
}
