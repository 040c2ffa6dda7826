/** Whether the device's own sheet for sharing was shown; one that the user closes is not a failure.
 */
export async function hasShared(data: ShareData): Promise<boolean> {
  if (!navigator.canShare?.(data)) return false;
  try {
    await navigator.share(data);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError";
  }
}
