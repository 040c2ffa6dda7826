import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "@/ui/Field";
import { typed } from "./typed";

/** `fixed`: an address that cannot be changed here. */
export function EmailField({
  fixed,
  hint,
  error,
}: {
  fixed?: string | undefined;
  hint?: ReactNode;
  error: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("account.email")}
      name="email"
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="off"
      required
      defaultValue={fixed ?? typed.email}
      readOnly={fixed !== undefined}
      onChange={(event) => {
        typed.email = event.currentTarget.value;
      }}
      hint={hint}
      error={error}
    />
  );
}
