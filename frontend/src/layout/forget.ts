import { forgetDrafts } from "@/features/chat/drafts";
import { forgetTurns } from "@/features/chat/turns";

/** Removes what somebody leaves behind in this browser. */
export function forgetPerson(): void {
  forgetTurns();
  forgetDrafts();
}
