import { type ComponentProps, isValidElement, useRef } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "./CopyButton";

/** Code with its language and a button that copies it; a long line scrolls inside. */
export function CodeBlock({ children, ...props }: ComponentProps<"pre">) {
  const { t } = useTranslation();
  const pre = useRef<HTMLPreElement>(null);
  const className = isValidElement<{ className?: string }>(children)
    ? (children.props.className ?? "")
    : "";
  const language = /language-(\S+)/.exec(className)?.[1] ?? "";
  return (
    <div className="overflow-hidden rounded-md border border-line bg-sunken">
      <div className="flex items-center justify-between border-b border-line ps-3 text-xs text-mute">
        <span>{language}</span>
        <CopyButton label={t("chat.copyCode")} text={() => pre.current?.textContent ?? ""} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by its focus */}
      <pre {...props} ref={pre} tabIndex={0} className="overflow-x-auto p-3 text-sm">
        {children}
      </pre>
    </div>
  );
}
