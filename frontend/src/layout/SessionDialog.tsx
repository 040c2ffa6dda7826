import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clearPersonalData } from "@/api/personalData";
import { queryClient } from "@/api/queries";
import { CodeForm } from "@/features/account/CodeForm";
import { PasskeySignIn } from "@/features/account/PasskeySignIn";
import { ProviderButtons } from "@/features/account/ProviderButtons";
import { SignInForm } from "@/features/account/SignInForm";
import { loginFormQuery, profileQuery, setSessionLost } from "@/features/account/session";
import { hasPasskeys } from "@/features/account/webauthn";
import { allowResuming } from "@/features/chat/turns";
import { Dialog } from "@/ui/Dialog";

/** Signs in over the current page, so that no text on it is lost with the session. By a provider the
 * browser leaves the page, and comes back to it: drafts of questions are kept.
 */
export default function SessionDialog() {
  const { t } = useTranslation();
  const { data: profile } = useQuery({ ...profileQuery, enabled: false });
  const [owner] = useState(profile?.id);
  const [needsCode, setNeedsCode] = useState(false);
  const { data: form } = useQuery(loginFormQuery);
  const { href } = useLocation();
  const isWithoutAddress = profile?.email === null; // joined by a provider, so has no password
  const restore = () => {
    // A passkey may be another user's: what is on the page is not theirs.
    if (queryClient.getQueryData(profileQuery.queryKey)?.id !== owner) {
      clearPersonalData();
      location.assign("/");
      return;
    }
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
      {needsCode ? (
        <CodeForm onDone={restore} onBack={() => setNeedsCode(false)} />
      ) : (
        <div className="flex flex-col gap-4">
          {isWithoutAddress ? (
            <PasskeySignIn
              divided={false}
              onFinish={(outcome) => (outcome === "code" ? setNeedsCode(true) : restore())}
            />
          ) : (
            <SignInForm
              {...(profile?.email ? { email: profile.email } : {})}
              onDone={restore}
              onCode={() => setNeedsCode(true)}
            />
          )}
          <ProviderButtons
            providers={form?.providers}
            next={href}
            divided={!isWithoutAddress && !hasPasskeys()}
          />
        </div>
      )}
    </Dialog>
  );
}
