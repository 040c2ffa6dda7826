import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/ui/Dialog";

interface DrawerProps {
  onClose: () => void;
  children: ReactNode;
}

/** What opens the sidebar on a phone. */
export default function Drawer({ onClose, children }: DrawerProps) {
  const { t } = useTranslation();
  return (
    <Dialog open onClose={onClose} title={t("app.menu")} shape="drawer" bare>
      {children}
    </Dialog>
  );
}
