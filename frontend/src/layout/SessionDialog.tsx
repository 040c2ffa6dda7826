import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { queryClient } from "@/api/queries";
import { ProviderButtons } from "@/features/account/ProviderButtons";
import { SignInForm } from "@/features/account/SignInForm";
import { loginFormQuery, profileQuery, setSessionLost } from "@/features/account/session";
import { allowResuming } from "@/features/chat/turns";
import { Dialog } from "@/ui/Dialog";

/** Signs in over the current page, so that no text on it is lost with the session. By a provider the
 * browser leaves the page, and comes back to it: drafts of questions are kept.
 */
export default function SessionDialog() {
  const { t } = useTranslation();
  const { data: profile } = useQuery({ ...profileQuery, enabled: false });
  const { data: form } = useQuery(loginFormQuery);
  const { href } = useLocation();
  const isWithoutAddress = profile?.email === null; // joined by a provider, so has no password
  const restore = () => {
    setSessionLost(false);
    allowResuming();
    queryClient.invalidateQueries();
  };
  return (
    <Dialog
      open
      onClose={() => setSessionLost(false)}
      title={t("account.lostTitle")}
      description={t("account.lostText")}
    >
      <div className="flex flex-col gap-4">
        {!isWithoutAddress && (
          <SignInForm {...(profile?.email ? { email: profile.email } : {})} onDone={restore} />
        )}
        <ProviderButtons providers={form?.providers} next={href} divided={!isWithoutAddress} />
      </div>
    </Dialog>
  );
}
