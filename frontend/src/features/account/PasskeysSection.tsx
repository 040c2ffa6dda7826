import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useFactorTranslation } from "@/i18n/factor";
import { Button, IconButton } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { ActionDialog } from "./ActionDialog";
import {
  addPasskey,
  beginPasskey,
  type Passkey,
  removePasskey,
  renamePasskey,
} from "./secondFactor";
import { Section } from "./settingsParts";
import { useDay } from "./useDay";
import { hasPasskeys } from "./webauthn";

interface Props {
  passkeys: Passkey[];
  /** Called after the user's first second factor was added, which brings recovery codes. */
  onAdded: () => Promise<void>;
}

type Asked = { what: "add" } | { what: "rename" | "remove"; passkey: Passkey } | null;

const MAX_NAME = 50;

export function PasskeysSection({ passkeys, onAdded }: Props) {
  const { t } = useFactorTranslation();
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  return (
    <Section title={t("factor:passkeys")}>
      <p className="text-sm text-mute">{t("factor:passkeysText")}</p>
      {passkeys.length === 0 ? (
        <p className="text-sm">{t("factor:passkeysNone")}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line border-y border-line">
          {passkeys.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} onAsk={setAsked} />
          ))}
        </ul>
      )}
      {hasPasskeys() ? (
        <Button className="self-start" onClick={() => setAsked({ what: "add" })}>
          {t("factor:passkeyAdd")}
        </Button>
      ) : (
        <Alert tone="warn">{t("factor:noPasskeys")}</Alert>
      )}
      {asked?.what === "add" && (
        <AddDialog number={passkeys.length + 1} onAdded={onAdded} onClose={close} />
      )}
      {asked?.what === "rename" && <RenameDialog passkey={asked.passkey} onClose={close} />}
      {asked?.what === "remove" && <RemoveDialog passkey={asked.passkey} onClose={close} />}
    </Section>
  );
}

function Row({ passkey, onAsk }: { passkey: Passkey; onAsk: (asked: Asked) => void }) {
  const { t } = useFactorTranslation();
  const day = useDay();
  const { name, created_at, last_used_at } = passkey;
  const label = (action: string) => t("factor:passkeyMenu", { action, name });
  return (
    <li className="flex items-center gap-2 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{name}</p>
        <p className="text-sm text-mute">
          {t("factor:passkeyAddedOn", { date: day(created_at) })}{" "}
          {last_used_at ? t("factor:lastUsed", { date: day(last_used_at) }) : t("factor:neverUsed")}{" "}
          {passkey.is_passwordless === false && t("factor:passkeyOnlyFactor")}
        </p>
      </div>
      <IconButton
        label={label(t("factor:passkeyRename"))}
        onClick={() => onAsk({ what: "rename", passkey })}
      >
        <Pencil aria-hidden="true" size={18} />
      </IconButton>
      <IconButton
        label={label(t("factor:passkeyRemove"))}
        onClick={() => onAsk({ what: "remove", passkey })}
      >
        <Trash2 aria-hidden="true" size={18} />
      </IconButton>
    </li>
  );
}

function AddDialog({ number, onAdded, onClose }: AddProps) {
  const { t } = useFactorTranslation();
  const add = async ({ name = "" }) => {
    const isFirst = await addPasskey(name.trim(), await beginPasskey());
    onClose();
    toast(t("factor:passkeyAdded"));
    if (isFirst) await onAdded();
    else await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  };
  return (
    <ActionDialog
      title={t("factor:passkeyAdd")}
      text={t("factor:passkeyAddText")}
      action={t("factor:passkeyAdd")}
      onSubmit={add}
      onClose={onClose}
    >
      {({ name }) => (
        <NameField value={t("factor:passkeyDefault", { number })} error={name} isNew />
      )}
    </ActionDialog>
  );
}

interface AddProps extends Pick<Props, "onAdded"> {
  number: number;
  onClose: () => void;
}

interface DialogProps {
  passkey: Passkey;
  onClose: () => void;
}

function RenameDialog({ passkey, onClose }: DialogProps) {
  const { t } = useFactorTranslation();
  const rename = async ({ name = "" }) => {
    await renamePasskey(passkey.id, name.trim());
    onClose();
    toast(t("factor:passkeyRenamed"));
    await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  };
  return (
    <ActionDialog
      title={t("factor:passkeyRenameTitle")}
      text={t("factor:passkeyNameHint")}
      action={t("app.save")}
      onSubmit={rename}
      onClose={onClose}
    >
      {({ name }) => <NameField value={passkey.name} error={name} />}
    </ActionDialog>
  );
}

function RemoveDialog({ passkey, onClose }: DialogProps) {
  const { t } = useFactorTranslation();
  const remove = async () => {
    await removePasskey(passkey.id);
    onClose();
    toast(t("factor:passkeyRemoved"));
    await queryClient.invalidateQueries({ queryKey: keys.authenticators });
  };
  return (
    <ActionDialog
      title={t("factor:passkeyRemoveTitle", { name: passkey.name })}
      text={t("factor:passkeyRemoveText")}
      action={t("factor:passkeyRemove")}
      kind="danger"
      onSubmit={remove}
      onClose={onClose}
    />
  );
}

interface NameProps {
  value: string;
  error: string | undefined;
  isNew?: boolean;
}

function NameField({ value, error, isNew = false }: NameProps) {
  const { t } = useFactorTranslation();
  return (
    <TextField
      data-autofocus
      label={t("factor:passkeyName")}
      name="name"
      defaultValue={value}
      maxLength={MAX_NAME}
      autoComplete="off"
      required
      hint={isNew ? t("factor:passkeyNameHint") : undefined}
      error={error}
    />
  );
}
