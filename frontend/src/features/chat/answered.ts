import { createContext } from "react";

/** The answer of which a citation is; missing outside of a stored answer. */
export const Answered = createContext<{ chat: number; reply: number } | undefined>(undefined);
