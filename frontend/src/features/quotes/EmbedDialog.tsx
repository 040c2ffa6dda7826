import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, buttonClass } from "@/ui/Button";
import { copy } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { toast } from "@/ui/toast";
import "@/i18n/embed";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** The HTML by which another site shows the line of the day in a frame. */
export default function EmbedDialog({ href, onClose }: { href: string; onClose: () => void }) {
  const { t, i18n } = useTranslation("embed");
  const [theme, setTheme] = useState<Theme>("auto");
  const id = useId();
  const address = cardAddress(href, i18n.language, theme);
  const code = snippet(address, i18n.t("quotes.today"));
  return (
    <Dialog open onClose={onClose} title={t("title")} description={t("text")}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-col gap-1">
          <label htmlFor={`${id}-theme`} className="text-sm font-semibold">
            {t("theme")}
          </label>
          <select
            id={`${id}-theme`}
            value={theme}
            onChange={(event) => setTheme(event.target.value as Theme)}
            className={inputClass}
          >
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {t(`themes.${one}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="flex flex-col gap-1">
          <label htmlFor={`${id}-code`} className="text-sm font-semibold">
            {t("code")}
          </label>
          <textarea
            id={`${id}-code`}
            readOnly
            rows={5}
            value={code}
            onFocus={(event) => event.target.select()}
            className={`${inputClass} font-mono text-sm`}
          />
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <a href={address} target="_blank" rel="noopener" className={buttonClass()}>
            {t("see")}
          </a>
          <Button
            kind="primary"
            onClick={async () => toast(t((await copy(code)) ? "copied" : "failed"))}
          >
            {t("copy")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

export function cardAddress(href: string, language: string, theme: Theme): string {
  const address = new URL(href);
  address.searchParams.set("lang", language);
  if (theme !== "auto") address.searchParams.set("theme", theme);
  return address.href;
}

/** A frame; its title is for screen readers. */
export function snippet(address: string, title: string): string {
  const src = address.replaceAll("&", "&amp;");
  return `<iframe src="${src}" title="${title}" width="100%" height="240" style="border:0" loading="lazy"></iframe>`;
}
