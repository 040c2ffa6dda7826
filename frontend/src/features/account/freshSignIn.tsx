/** Asks users to confirm that it is still them, where the server wants a fresh sign-in. The dialog
 * itself is in `FreshSignInDialog`, which the page's root shows.
 */
import { type ApiError, asApiError, type Flow, FRESH_SIGN_IN_REQUIRED } from "@/api/apiError";
import { createStore, useStore } from "@/createStore";

export interface Confirmation {
  flows: Flow[];
  /** Ends the dialog: runs the waiting actions again, or lets them fail. */
  settle: (isConfirmed: boolean) => void;
}

const open = createStore<Confirmation | null>(null);
/** The answer of the open dialog: actions that are refused meanwhile wait for the same one. */
let waiting: Promise<boolean> | null = null;
let confirmedAt = Number.NEGATIVE_INFINITY;

/** The confirmation that the user is asked for now, null if none. */
export function useConfirmation(): Confirmation | null {
  return useStore(open);
}

function ask({ problem }: ApiError): Promise<boolean> {
  waiting ??= new Promise<boolean>((resolve) => {
    open.set({ flows: problem.flows ?? [], settle: resolve });
  }).then((isConfirmed) => {
    waiting = null;
    open.set(null);
    if (isConfirmed) confirmedAt = performance.now();
    return isConfirmed;
  });
  return waiting;
}

/** See `useFreshSignIn`. */
export async function withFreshSignIn<T>(action: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await action();
  } catch (thrown) {
    const refusal = asApiError(thrown);
    if (refusal.code !== FRESH_SIGN_IN_REQUIRED) throw thrown;
    // A request that was sent before the user confirmed needs no second confirmation.
    const isConfirmed = confirmedAt > begun || (await ask(refusal));
    if (!isConfirmed) throw refusal;
  }
  return action();
}

/** Runs `action`; if the server refuses it because the sign-in is not fresh, the user confirms in a
 * dialog and it runs once more. Rejects with the `ApiError` if the user cancels.
 */
export function useFreshSignIn(): <T>(action: () => Promise<T>) => Promise<T> {
  return withFreshSignIn;
}
