import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queryClient } from "@/api/queries";
import { SignInForm } from "@/features/account/SignInForm";
import { profileQuery, setSessionLost } from "@/features/account/session";
import { allowResuming } from "@/features/chat/turns";
import { Dialog } from "@/ui/Dialog";

/** Signs in over the current page, so that no text on it is lost with the session. */
export default function SessionDialog() {
  const { t } = useTranslation();
  const { data: profile } = useQuery({ ...profileQuery, enabled: false });
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
      <SignInForm {...(profile ? { email: profile.email } : {})} onDone={restore} />
    </Dialog>
  );
}
