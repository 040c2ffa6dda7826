/** What was typed on one of a stranger's pages is there on the next, until somebody has signed in. */
export const typed = { email: "" };
