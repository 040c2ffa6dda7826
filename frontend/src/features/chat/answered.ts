import { createContext } from "react";

/** The answer that a citation belongs to; missing outside of a stored answer. */
export const Answered = createContext<{ chat: number; reply: number } | undefined>(undefined);
