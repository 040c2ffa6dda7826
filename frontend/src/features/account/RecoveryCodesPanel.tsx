import { useQuery } from "@tanstack/react-query";
import { Copy, Download, Printer } from "lucide-react";
import { useEffect, useRef } from "react";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toast";
import { profileQuery } from "./session";

interface Props {
  codes: string[];
  /** The user has kept the codes. */
  onKept: () => void;
}

/** New recovery codes, which the server shows once: to copy, save as a file, or print. They stay
 * until the user says that they are kept, or leaves the page.
 */
export function RecoveryCodesPanel({ codes, onKept }: Props) {
  const { t, i18n } = useFactorTranslation();
  const { data: profile } = useQuery(profileQuery);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" }).format(new Date());
  const account = profile?.email || profile?.nickname || "";
  const about = t("factor:codesFile", { account, site: location.host, date });
  const text = `${about}\n\n${codes.join("\n")}\n`;
  return (
    <div data-print className="flex flex-col gap-3 rounded-md border border-accent p-4">
      <h3 ref={heading} tabIndex={-1} className="font-semibold outline-none">
        {t("factor:codesTitle")}
      </h3>
      <p className="text-sm print:hidden">
        {t("factor:codesText")} <strong>{t("factor:codesOnce")}</strong>
      </p>
      <p className="hidden text-sm print:block">{about}</p>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-1 text-base sm:max-w-80">
        {codes.map((code) => (
          <li key={code}>
            <code className="select-all">{code}</code>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2 print:hidden">
        <Button onClick={() => copy(text)}>
          <Copy aria-hidden="true" size={18} />
          {t("factor:codesCopy")}
        </Button>
        <Button onClick={() => save(text)}>
          <Download aria-hidden="true" size={18} />
          {t("factor:codesDownload")}
        </Button>
        <Button onClick={() => print()}>
          <Printer aria-hidden="true" size={18} />
          {t("factor:codesPrint")}
        </Button>
        <Button kind="primary" onClick={onKept} className="sm:ms-auto">
          {t("factor:codesKept")}
        </Button>
      </div>
    </div>
  );

  async function copy(lines: string) {
    try {
      await navigator.clipboard.writeText(lines);
      toast(t("factor:codesCopied"));
    } catch {
      toast(t("factor:codesCopyFailed")); // refused, or a page without HTTPS
    }
  }
}

function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "daesa-recovery-codes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
