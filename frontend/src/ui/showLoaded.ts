import i18next from "i18next";
import { toast } from "./toast";

/** Shows a part whose code is loaded when it is first needed. If that fails, a notice says so: the
 * browser is offline, or there is a newer page, which is loaded instead (main.tsx).
 */
export function showLoaded(load: () => Promise<unknown>, show: () => void): void {
  load().then(show, () => toast(i18next.t("app.notLoaded")));
}

/** Loads such a part before it is asked for. If that fails, it is loaded again when it is. */
export function preload(load: () => Promise<unknown>, then?: () => void): void {
  load().then(then, () => {});
}
