import { useState } from "react";

const KEY = "daesa.model";

/** The model that one has chosen on this device; "" for the server's own choice. */
export function useModel(): [string, (model: string) => void] {
  const [model, setModel] = useState(read);
  const choose = (next: string) => {
    setModel(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Then the choice lasts as long as the page.
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
