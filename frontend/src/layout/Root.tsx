import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useConfirmation } from "@/features/account/freshSignIn";
import { useSessionLost } from "@/features/account/session";
import { useToasts } from "@/ui/toast";
import { useIsOnline } from "@/ui/useMedia";

// Seldom needed, so they are not part of the first load.
const SessionDialog = lazy(() => import("./SessionDialog"));
const FreshSignInDialog = lazy(() => import("@/features/account/FreshSignInDialog"));
const Toasts = lazy(() => import("@/ui/Toasts"));

export function Root() {
  const { t } = useTranslation();
  const isOnline = useIsOnline();
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        {t("app.skip")}
      </a>
      <div role="status">
        {!isOnline && (
          <p className="flex items-center justify-center gap-2 bg-warn-tint px-4 py-2 text-sm text-warn">
            <WifiOff aria-hidden="true" size={16} className="shrink-0" />
            {t("app.offline")}
          </p>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Outlet />
      </div>
      <Suspense>
        {useSessionLost() && <SessionDialog />}
        {useConfirmation() && <FreshSignInDialog />}
        {useToasts().length > 0 && <Toasts />}
      </Suspense>
    </div>
  );
}
