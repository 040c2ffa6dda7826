import { CircleAlert } from "lucide-react";
import { useId, useState } from "react";
import type { Schemas } from "@/api/client";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useErrorText } from "@/ui/errorText";
import { inputClass, TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { useFreshSignIn } from "./freshSignIn";
import { DEFAULT_LIFETIME, LIFETIMES, makeToken, SCOPES } from "./personalTokens";

interface Props {
  onClose: () => void;
  onMade: (token: Schemas["PersonalTokenMade"]) => void;
}

export function NewTokenDialog({ onClose, onMade }: Props) {
  const { t } = useSettingsTranslation();
  const withFreshSignIn = useFreshSignIn();
  const form = useForm(async ({ name = "", ...chosen }) => {
    const scopes = SCOPES.map(([scope]) => scope).filter((scope) => chosen[scope]);
    const lifetime = LIFETIMES.find((one) => one === chosen.lifetime) ?? DEFAULT_LIFETIME;
    onMade(await withFreshSignIn(() => makeToken({ name, scopes, lifetime })));
    onClose();
  });
  const errorText = useErrorText(form.error);
  return (
    <Dialog open onClose={onClose} title={t("tokens:new")} description={t("tokens:newText")}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        <TextField
          label={t("tokens:name")}
          name="name"
          maxLength={50}
          autoComplete="off"
          required
          hint={t("tokens:nameHint")}
          error={form.errors.name}
        />
        <ScopesField error={form.errors.scopes} />
        <LifetimeField />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("tokens:make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The group has the name of the API's field, so that its error is shown and focused here. */
function ScopesField({ error }: { error: string | undefined }) {
  const { t } = useSettingsTranslation();
  const id = useId();
  return (
    <fieldset
      name="scopes"
      tabIndex={-1}
      aria-describedby={error ? `${id}-error` : undefined}
      className="flex flex-col gap-1"
    >
      <legend className="mb-1 text-sm font-semibold">{t("tokens:scopes")}</legend>
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1 text-sm text-danger">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          {t("tokens:scopesNeeded")}
        </p>
      )}
      {SCOPES.map(([scope, text]) => (
        <label key={scope} className="flex min-h-11 items-start gap-3 py-1 text-sm">
          <input type="checkbox" name={scope} className="mt-0.5 size-5 shrink-0 accent-accent" />
          <span className="flex flex-col">
            <span className="font-mono">{scope}</span>
            <span className="text-mute">{t(`tokens:scope.${text}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function LifetimeField() {
  const { t } = useSettingsTranslation();
  const id = useId();
  const [lifetime, setLifetime] = useState<string>(DEFAULT_LIFETIME);
  const isEndless = lifetime === "never";
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-semibold">
        {t("tokens:lifetime")}
      </label>
      <select
        id={id}
        name="lifetime"
        value={lifetime}
        onChange={(event) => setLifetime(event.target.value)}
        aria-describedby={isEndless ? `${id}-hint` : undefined}
        className={inputClass}
      >
        {LIFETIMES.map((one) => (
          <option key={one} value={one}>
            {t(`tokens:lifetimes.${one}`)}
          </option>
        ))}
      </select>
      {isEndless && (
        <p id={`${id}-hint`} className="text-xs text-mute">
          {t("tokens:neverHint")}
        </p>
      )}
    </div>
  );
}
