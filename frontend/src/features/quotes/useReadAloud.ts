import { useEffect, useState } from "react";
import type { Quote } from "@/api/client";

/** Reads a line aloud with the device's own voice, until it ends, is stopped, or the page is left.
 */
export function useReadAloud({ content, language }: Quote) {
  const [isReading, setReading] = useState(false);
  const canRead = "speechSynthesis" in window;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another line is not this one
  useEffect(() => {
    if (canRead) return () => speechSynthesis.cancel();
  }, [content]);
  const toggle = () => {
    speechSynthesis.cancel();
    setReading(!isReading);
    if (!isReading) speak(content, language ?? "", () => setReading(false));
  };
  return { canRead, isReading, toggle };
}

function speak(text: string, language: string, onEnd: () => void): void {
  const spoken = new SpeechSynthesisUtterance(text);
  if (language) spoken.lang = language;
  spoken.addEventListener("end", onEnd);
  spoken.addEventListener("error", onEnd);
  speechSynthesis.speak(spoken);
}
