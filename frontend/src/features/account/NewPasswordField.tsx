import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { PasswordField } from "@/ui/Field";
import { joinFormQuery } from "./session";

/** The field for a new password. The server advises a longer one where addresses are not
 * confirmed.
 */
export function NewPasswordField({
  label,
  name,
  error,
}: {
  label: string;
  name: string;
  error: string | undefined;
}) {
  const { t } = useTranslation();
  const length = useQuery(joinFormQuery).data?.advised_password_length;
  return (
    <PasswordField
      label={label}
      name={name}
      autoComplete="new-password"
      required
      minLength={8}
      hint={length ? t("account.passwordAdvice", { length }) : t("account.passwordHint")}
      error={error}
    />
  );
}
