import type { ReactNode } from "react";
import { usePage } from "@/ui/usePage";

/** The heading of a settings page, which is the page's title, too. */
export function Heading({ children }: { children: string }) {
  const heading = usePage(children);
  return (
    <h1 ref={heading} tabIndex={-1} className="text-xl">
      {children}
    </h1>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-4 sm:p-6">
      <h2 className="text-lg">{title}</h2>
      {children}
    </section>
  );
}
