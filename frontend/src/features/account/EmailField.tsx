import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "@/ui/Field";
import { guestEmail } from "./guestEmail";

/** `fixed` is an address that the user cannot change. */
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
      defaultValue={fixed ?? guestEmail.value}
      readOnly={fixed !== undefined}
      onChange={(event) => {
        guestEmail.value = event.currentTarget.value;
      }}
      hint={hint}
      error={error}
    />
  );
}
