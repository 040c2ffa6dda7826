import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Appearance } from "@/ui/Appearance";
import { Logo } from "@/ui/Logo";
import { usePage } from "@/ui/usePage";

interface Props {
  title: string;
  label: string;
  /** Below the title; by default what this site is. Empty: none. */
  text?: string;
  children: ReactNode;
  /** Beside the card, or on a phone below it. */
  beside?: ReactNode;
}

/** The frame of the pages before the sign-in: a card, or on a phone the full width. */
export function GuestPage({ title, label, text, children, beside }: Props) {
  const { t } = useTranslation();
  const heading = usePage(label);
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex items-center justify-between p-4">
        <Logo />
        <Appearance />
      </header>
      <main
        id="main"
        className="flex flex-1 flex-col items-center gap-10 px-4 pt-4 pb-12 sm:pt-12 lg:flex-row lg:items-start lg:justify-center lg:gap-16"
      >
        <div className="flex w-full max-w-[400px] flex-col gap-6 sm:rounded-lg sm:border sm:border-line sm:bg-raised sm:p-8 sm:shadow-float">
          <div>
            <h1 ref={heading} tabIndex={-1} className="text-xl">
              {title}
            </h1>
            {text !== "" && <p className="mt-1 text-sm text-mute">{text ?? t("app.tagline")}</p>}
          </div>
          {children}
        </div>
        {beside}
      </main>
    </div>
  );
}
