import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { useErrorText } from "./errorText";
import { Alert } from "./states";
import { useForm } from "./useForm";

interface Props {
  title: string;
  text: string;
  /** The label of the button that does it. */
  action: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
  /** Fields that must be valid first. */
  children?: ReactNode;
}

/** Asks the user to confirm what cannot be undone. Shows the error if it fails, and stays open. */
export function ConfirmDialog({ title, text, action, onConfirm, onClose, children }: Props) {
  const { t } = useTranslation();
  const form = useForm(onConfirm);
  const errorText = useErrorText(form.error);
  return (
    <Dialog open onClose={onClose} title={title} description={text}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        {children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="danger" busy={form.busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
