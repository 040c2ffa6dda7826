import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 64 64" width={size} height={size} aria-hidden="true" className="shrink-0">
      <rect width="64" height="64" rx="16" className="fill-accent" />
      <path
        className="fill-on-accent"
        d="M14 36c0-9.600 5-16.200 13-18.500l1.400 3.400c-4.400 1.700-7 4.600-7.400 8.100h7V46H14zm22 0c0-9.600 5-16.200 13-18.500l1.400 3.400c-4.400 1.700-7 4.600-7.400 8.100h7V46H36z"
      />
    </svg>
  );
}

/** Leads to a new chat, or for guests to the board. */
export function Logo({ to = "/" }: { to?: "/" | "/quotes" }) {
  const { t } = useTranslation();
  return (
    <Link
      to={to}
      className="inline-flex min-h-11 items-center gap-2 rounded-md text-lg font-semibold"
    >
      <Mark />
      {t("app.name")}
    </Link>
  );
}
