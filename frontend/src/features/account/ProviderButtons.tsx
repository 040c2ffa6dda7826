import { useTranslation } from "react-i18next";
import { Spinner } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { ProviderMark } from "./ProviderMark";
import { type Brand, brandOf, callbackPath, type Provider, useProviderStart } from "./providers";

/** As the brands' rules ask. Naver's white letters on its green cannot be read by everyone (2.3:1),
 * so its button has the symbol on the green, and the text beside it.
 */
const COLOURS: Record<Brand | "other", string> = {
  kakao: "bg-[#FEE500] text-black/85",
  naver: "border border-field bg-raised text-ink",
  google:
    "border border-[#747775] bg-white text-[#1F1F1F] font-medium font-[Roboto,Pretendard_Variable,sans-serif] dark:border-[#8E918F] dark:bg-[#131314] dark:text-[#E3E3E3]",
  github: "bg-[#24292F] text-white dark:bg-white dark:text-[#24292F]",
  other: "border border-field bg-raised text-ink",
};

/** Below a form: the providers, in the server's order; nothing where the site has none. */
export function ProviderButtons({
  providers = [],
  next,
  divided = true,
}: {
  providers: Provider[] | undefined;
  next: string | undefined;
  divided?: boolean;
}) {
  const { t } = useTranslation(["translation", "providers"]);
  const { start, started, error } = useProviderStart();
  const errorText = useErrorText(error);
  if (!providers.length) return null;
  const callback = callbackPath(next);
  return (
    <section aria-label={t("providers:title")} className="flex flex-col gap-3">
      {divided && <Divider />}
      {error && <Alert>{errorText}</Alert>}
      {providers.map((provider) => (
        <ProviderButton
          key={provider.id}
          provider={provider}
          busy={started === provider.id}
          onClick={() => start({ provider: provider.id, process: "login", callback })}
        />
      ))}
    </section>
  );
}

function Divider() {
  const { t } = useTranslation(["translation", "providers"]);
  return (
    <p className="flex items-center gap-3 text-sm text-mute">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {t("providers:or")}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </p>
  );
}

function ProviderButton({
  provider,
  busy,
  onClick,
}: {
  provider: Provider;
  busy: boolean;
  onClick: () => void;
}) {
  const { t } = useTranslation(["translation", "providers"]);
  const brand = brandOf(provider.id) ?? "other";
  return (
    <button
      type="button"
      onClick={onClick}
      aria-busy={busy || undefined}
      className={cx(
        "relative flex min-h-11 items-center justify-center rounded-[12px] px-12 py-2 text-sm",
        "transition-[filter] duration-150 hover:brightness-95 dark:hover:brightness-110 select-none",
        COLOURS[brand],
        brand !== "google" && "font-semibold",
      )}
    >
      <span
        className={cx(
          "absolute flex w-11 items-center justify-center",
          brand === "naver"
            ? "-inset-y-px -start-px rounded-s-[12px] bg-[#03C75A]"
            : "inset-y-0 start-0",
        )}
      >
        {busy ? <Spinner /> : <ProviderMark id={provider.id} size={brand === "naver" ? 16 : 20} />}
      </span>
      {t(`providers:go.${brand}`, { name: provider.name })}
    </button>
  );
}
