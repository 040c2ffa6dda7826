/** Shows a part whose code is loaded when it is first needed. If that fails, nothing changes: either
 * the browser is offline, which the page says already, or there is a newer page, which is loaded
 * instead (main.tsx).
 */
export function showLoaded(load: () => Promise<unknown>, show: () => void): void {
  load().then(show, () => {});
}
