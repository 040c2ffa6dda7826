import "@tanstack/react-router";

declare module "@tanstack/history" {
  interface HistoryState {
    /** The words of the search whose hit is opened. */
    words?: string;
  }
}
