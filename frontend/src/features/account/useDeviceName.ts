import { useSettingsTranslation } from "@/i18n/settings";

interface Device {
  program: string;
  system: string;
}

/** A function that names a browser or another program and its system; "" if neither is known. */
export function useDeviceName(): (device: Device) => string {
  const { t } = useSettingsTranslation();
  return ({ program, system }) =>
    program && system ? t("sessions:named", { program, system }) : program || system;
}
