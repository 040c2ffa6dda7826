import { useState } from "react";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { ActionDialog } from "./ActionDialog";
import { type RecoveryCodes, replaceRecoveryCodes } from "./secondFactor";

const FEW = 3;

interface Props {
  found: RecoveryCodes | undefined;
  onNew: (codes: string[] | null) => void;
}

/** How many recovery codes are left, and the way to new ones. */
export function RecoveryCodesState({ found, onNew }: Props) {
  const { t } = useFactorTranslation();
  const [asked, setAsked] = useState(false);
  const replace = async () => {
    const codes = await replaceRecoveryCodes();
    setAsked(false);
    await queryClient.invalidateQueries({ queryKey: keys.authenticators });
    onNew(codes);
  };
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">{t("factor:codesTitle")}</h3>
      {found ? (
        <>
          <p className="text-sm text-mute">{t("factor:codesText")}</p>
          <p className={found.unused_code_count <= FEW ? "text-sm text-warn" : "text-sm text-mute"}>
            {t("factor:codesLeft", {
              count: found.unused_code_count,
              total: found.total_code_count,
            })}{" "}
            {found.unused_code_count <= FEW && t("factor:codesFew")}
          </p>
          <Button className="self-start" onClick={() => setAsked(true)}>
            {t("factor:codesReplace")}
          </Button>
        </>
      ) : (
        <p className="text-sm text-mute">{t("factor:codesNone")}</p>
      )}
      {asked && (
        <ActionDialog
          title={t("factor:codesReplaceTitle")}
          text={t("factor:codesReplaceText")}
          action={t("factor:codesReplace")}
          kind="danger"
          onSubmit={replace}
          onClose={() => setAsked(false)}
        />
      )}
    </div>
  );
}
