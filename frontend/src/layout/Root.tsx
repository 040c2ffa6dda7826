import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useConfirmation } from "@/features/account/freshSignIn";
import { useSessionLost } from "@/features/account/session";
import { SkipLink } from "@/ui/SkipLink";
import { useToasts } from "@/ui/toast";
import { useIsOnline } from "@/ui/useMedia";

// Seldom needed, so they are not part of the first load.
const SessionDialog = lazy(() => import("./SessionDialog"));
const FreshSignInDialog = lazy(() => import("@/features/account/FreshSignInDialog"));
const loadToasts = () => import("@/ui/Toasts");
const Toasts = lazy(loadToasts);

export function Root() {
  const { t } = useTranslation();
  const isOnline = useIsOnline();
  useEffect(() => {
    // Loaded early: they also say that the network is away, when nothing can be loaded any more.
    loadToasts().catch(() => {});
  }, []);
  return (
    <div className="group/root flex h-dvh flex-col print:block print:h-auto">
      <SkipLink to="#main" text={t("app.skip")} />
      <div role="status">
        {/* Over the edge of the page, or at the foot of a phone's bar, so that nothing moves. */}
        {!isOnline && (
          <p className="pointer-events-none fixed inset-x-0 top-0 z-30 flex h-4 items-center justify-center gap-1 bg-warn-tint px-2 text-xs leading-4 text-warn group-has-[header[data-bar]]/root:top-10 short:group-has-[header[data-bar]]/root:top-7">
            <WifiOff aria-hidden="true" size={12} className="shrink-0" />
            <span className="truncate">{t("app.offline")}</span>
          </p>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto print:overflow-visible">
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
