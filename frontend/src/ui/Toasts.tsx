import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import { close, undo, useToasts } from "./toast";

export default function Toasts() {
  const { t } = useTranslation();
  return (
    <Toast.Provider label={t("app.notifications")}>
      {useToasts().map((notice) => (
        <Toast.Root
          key={notice.id}
          duration={notice.duration}
          onOpenChange={(open) => !open && close(notice)}
          className="flex animate-rise items-center gap-2 rounded-lg border border-line bg-raised py-1 ps-4 pe-1 shadow-float"
        >
          <Toast.Description className="flex-1 text-sm">{notice.text}</Toast.Description>
          {notice.undo && (
            <Toast.Action
              altText={t("app.undo")}
              onClick={() => undo(notice)}
              className="min-h-11 rounded-md px-3 text-sm font-semibold text-accent hover:bg-sunken"
            >
              {t("app.undo")}
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <IconButton label={t("app.close")}>
              <X aria-hidden="true" size={18} />
            </IconButton>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport
        label={`${t("app.notifications")} (F8)`}
        // Where they cover no field: over a phone's top bar, or at the end of the sidebar.
        className="fixed inset-x-2 top-[calc(4px+env(safe-area-inset-top))] z-50 mx-auto flex max-w-[400px] flex-col gap-2 outline-none min-[900px]:start-2 min-[900px]:end-auto min-[900px]:top-auto min-[900px]:bottom-20 min-[900px]:w-[272px]"
      />
    </Toast.Provider>
  );
}
