import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useFactorTranslation } from "@/i18n/factor";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { AuthenticatorApp } from "./AuthenticatorApp";
import { PasskeysSection } from "./PasskeysSection";
import { RecoveryCodesPanel } from "./RecoveryCodesPanel";
import { RecoveryCodesState } from "./RecoveryCodesState";
import { type Authenticator, authenticatorsQuery, newRecoveryCodes } from "./secondFactor";
import { profileQuery } from "./session";
import { Section } from "./settingsParts";

/** The settings of second factors: authenticator app, recovery codes and passkeys. */
export function SecondFactorSection() {
  const { t } = useFactorTranslation();
  const { data, error, refetch } = useQuery(authenticatorsQuery);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (error)
    return (
      <Section title={t("factor:title")}>
        <Failure error={error} onRetry={() => refetch()} />
      </Section>
    );
  if (!data)
    return (
      <Section title={t("factor:title")}>
        <Skeleton rows={3} />
      </Section>
    );
  // The first second factor brings recovery codes with it.
  const afterAdding = async () => {
    setCodes(await newRecoveryCodes().catch(() => null));
    await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  };
  return (
    <>
      <Section title={t("factor:title")}>
        <p className="text-sm text-mute">{t("factor:text")}</p>
        <StaffHint found={data} />
        <AuthenticatorApp totp={data.find(({ type }) => type === "totp")} onAdded={afterAdding} />
        {codes ? (
          <RecoveryCodesPanel codes={codes} onKept={() => setCodes(null)} />
        ) : (
          <RecoveryCodesState
            found={data.find((one) => one.type === "recovery_codes")}
            onNew={setCodes}
          />
        )}
      </Section>
      <PasskeysSection
        passkeys={data.filter((one) => one.type === "webauthn")}
        onAdded={afterAdding}
      />
    </>
  );
}

/** For staff of a site that demands a second factor of them. */
function StaffHint({ found }: { found: Authenticator[] }) {
  const { t } = useFactorTranslation();
  const { data: profile } = useQuery(profileQuery);
  if (!profile?.second_factor_required || found.length > 0) return null;
  return <Alert tone="warn">{t("factor:required")}</Alert>;
}
