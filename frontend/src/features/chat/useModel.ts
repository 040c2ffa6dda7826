import { useState } from "react";

const KEY = "daesa.model";

/** The model that was chosen on this device; "" for the server's default. */
export function useModel(): [string, (model: string) => void] {
  const [model, setModel] = useState(read);
  const choose = (next: string) => {
    setModel(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Without storage, the choice lasts until the page is closed.
    }
  };
  return [model, choose];
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
