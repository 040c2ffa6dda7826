import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { useFreshSignIn } from "./freshSignIn";

interface Props {
  title: string;
  text: string;
  /** The label of the button that submits. */
  action: string;
  kind?: "primary" | "danger";
  /** Runs with a fresh sign-in; the dialog stays open if it throws an `ApiError`. */
  onSubmit: (fields: Record<string, string>) => Promise<void>;
  onClose: () => void;
  /** The form's fields, if it has any. */
  children?: (errors: Record<string, string>) => ReactNode;
}

/** Asks before something is done for which the server wants a fresh sign-in. */
export function ActionDialog({ title, text, action, kind, onSubmit, onClose, children }: Props) {
  const { t } = useTranslation();
  const fresh = useFreshSignIn();
  const form = useForm((fields) => fresh(() => onSubmit(fields)));
  const errorText = useErrorText(form.error);
  return (
    <Dialog open onClose={onClose} title={title} description={text}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        {children?.(form.errors)}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind={kind ?? "primary"} busy={form.busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
