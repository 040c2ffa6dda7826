import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelsQuery } from "./api";

const KEY = "daesa.model";

/** The model that was chosen on this device; "" for the server's default, and where the chosen one
 * is not offered to this user.
 */
export function useModel(): [string, (model: string) => void] {
  const [model, setModel] = useState(read);
  const { data } = useQuery(modelsQuery);
  const isOffered = !data || data.results.some(({ id }) => id === model);
  const choose = (next: string) => {
    setModel(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Without storage, the choice lasts until the page is closed.
    }
  };
  return [isOffered ? model : "", choose];
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
