import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";

export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      small
      label={copied ? t("chat.copied") : label}
      onClick={async () => setCopied(await copy(text()))}
    >
      {copied ? (
        <Check aria-hidden="true" size={16} className="text-ok" />
      ) : (
        <Copy aria-hidden="true" size={16} />
      )}
    </IconButton>
  );
}

/** The clipboard API needs HTTPS or localhost; elsewhere `execCommand` still works. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr-only";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
