import { useEffect, useRef } from "react";
import type { Schemas } from "@/api/client";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { Alert } from "@/ui/states";
import { curlExample } from "./personalTokens";

interface Props {
  token: Schemas["PersonalTokenMade"];
  onClose: () => void;
}

/** The only place that ever shows the token. On the page, since a dialog is closed by accident. */
export function MadeToken({ token, onClose }: Props) {
  const { t } = useSettingsTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // After the dialog, which gives the focus back to the button that opened it.
    const timer = setTimeout(() => heading.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  return (
    <section className="flex flex-col gap-4 rounded-lg border border-accent bg-raised p-4 sm:p-6">
      <h2 ref={heading} tabIndex={-1} className="text-lg [overflow-wrap:anywhere]">
        {t("tokens:madeTitle", { name: token.name })}
      </h2>
      <Alert tone="warn">{t("tokens:once")}</Alert>
      <Copyable label={t("tokens:token")} copy={t("tokens:copy")} text={token.token} />
      <Copyable
        label={t("tokens:example")}
        copy={t("tokens:copyExample")}
        text={curlExample(token.token, token.scopes)}
      />
      <Button onClick={onClose} className="self-end">
        {t("tokens:done")}
      </Button>
    </section>
  );
}

function Copyable({ label, copy, text }: { label: string; copy: string; text: string }) {
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <p className="text-sm font-semibold">{label}</p>
        <CopyButton label={copy} text={() => text} />
      </div>
      <pre className="rounded-md bg-sunken p-3 font-mono text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text}
      </pre>
    </div>
  );
}
