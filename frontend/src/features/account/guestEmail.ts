/** The address typed on the sign-in, join or reset page, which the other two prefill. Cleared by a
 * sign-in.
 */
export const guestEmail = { value: "" };
