import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useErrorTexts } from "@/ui/errorText";
import { toast } from "@/ui/toast";
import { type ConversationWithChats, chooseModel, modelsQuery, storeModel } from "./api";

const KEY = "daesa.model";

export interface ModelState {
  /** "" for the server's default. */
  model: string;
  /** The one that was chosen, where it is not offered to this user anymore; then the default is
   * asked.
   */
  gone: string;
  choose: (model: string) => void;
  /** The model to name in a question. From then on it is the chosen one. */
  named: () => string;
}

/** The model of a conversation: the one that was last chosen in it. Of a new one: the one that was
 * last chosen on this device.
 */
export function useModel(
  id: number | null,
  conversation: ConversationWithChats | undefined,
): ModelState {
  const [last, setLast] = useState(read);
  const { data } = useQuery(modelsQuery);
  const errorText = useErrorTexts();
  const chosen = (id === null ? last : conversation?.model) ?? "";
  const isOffered = !chosen || !data || data.results.some((one) => one.id === chosen);
  const keep = (next: string) => {
    setLast(next);
    write(next);
  };
  return {
    model: isOffered ? chosen : "",
    gone: isOffered ? "" : chosen,
    choose: (next) => {
      keep(next);
      if (id !== null) chooseModel(id, next).catch((error) => toast(errorText(error)));
    },
    named: () => {
      if (isOffered) return chosen;
      const standard = data?.results.find((one) => one.default)?.id ?? "";
      if (id === null) keep(standard);
      else storeModel(id, standard);
      return standard;
    },
  };
}

/** Whether the board answers, and no language model; `model` is "" for the server's default. */
export function useIsBoard(model: string): boolean {
  const { data } = useQuery(modelsQuery);
  return (model || data?.results.find((one) => one.default)?.id) === "board";
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function write(model: string): void {
  try {
    localStorage.setItem(KEY, model);
  } catch {
    // Without storage, the choice lasts until the page is closed.
  }
}
