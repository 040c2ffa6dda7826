import { useTranslation } from "react-i18next";
import { CopyButton } from "@/ui/CopyButton";

/** Code with its language and a copy button; long lines scroll inside of it. */
export function CodeBlock({
  language = "",
  code,
}: {
  language?: string | undefined;
  code: string;
}) {
  const { t } = useTranslation();
  return (
    <div className="overflow-hidden rounded-md border border-line bg-sunken">
      <div className="flex items-center justify-between border-b border-line ps-3 text-xs text-mute">
        <span>{language.split(/\s/)[0]}</span>
        <CopyButton label={t("chat.copyCode")} text={() => code} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: lets keyboard users scroll it */}
      <pre tabIndex={0} className="overflow-x-auto p-3 text-sm">
        <code>
          {parts(code).map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a part keeps its index
            <span key={at} className="block">
              {part}
            </span>
          ))}
        </code>
      </pre>
    </div>
  );
}

const LINES_OF_PART = /(?:[^\n]*\n){50}/g;

/** Divided, so that the browser lays out only the last lines again while code grows. */
function parts(code: string): string[] {
  const whole = code.match(LINES_OF_PART) ?? [];
  const rest = code.slice(whole.join("").length);
  return rest || whole.length === 0 ? [...whole, rest] : whole;
}
