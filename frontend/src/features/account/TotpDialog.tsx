import { useFactorTranslation } from "@/i18n/factor";
import { buttonClass } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { ActionDialog } from "./ActionDialog";
import { activateTotp, type TotpSetUp } from "./secondFactor";

interface Props {
  setUp: TotpSetUp;
  onDone: () => void;
  onClose: () => void;
}

/** The QR code and the key for an authenticator app, and a first code that shows that it works. */
export function TotpDialog({ setUp, onDone, onClose }: Props) {
  const { t } = useFactorTranslation();
  const activate = async ({ code = "" }) => {
    await activateTotp(code.replace(/\s/g, ""));
    onDone();
  };
  return (
    <ActionDialog
      title={t("factor:setUpTitle")}
      text={t("factor:setUpText")}
      action={t("factor:activate")}
      onSubmit={activate}
      onClose={onClose}
    >
      {(errors) => (
        <>
          <AppKey {...setUp} />
          <TextField
            label={t("factor:code")}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            spellCheck={false}
            maxLength={20}
            required
            error={errors.code}
            hint={t("factor:codeHint")}
          />
        </>
      )}
    </ActionDialog>
  );
}

function AppKey({ secret, totp_url, totp_svg }: TotpSetUp) {
  const { t } = useFactorTranslation();
  return (
    <div className="flex flex-col items-center gap-3">
      {totp_svg && (
        <img
          // As an image, the SVG can run and load nothing.
          src={`data:image/svg+xml,${encodeURIComponent(totp_svg)}`}
          alt={t("factor:qrLabel")}
          className="size-48 rounded-md bg-white p-1"
        />
      )}
      <span className="hidden pointer-coarse:block">
        <a href={totp_url} className={buttonClass()}>
          {t("factor:openApp")}
        </a>
      </span>
      <p className="text-center text-sm text-mute">
        {t("factor:secretLabel")}
        <code className="mt-1 block select-all text-ink">
          {secret.replace(/(.{4})(?=.)/g, "$1 ")}
        </code>
      </p>
    </div>
  );
}
