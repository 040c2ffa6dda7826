/** A link that is visible only while it has the focus of the keyboard. */
export function SkipLink({ to, text }: { to: string; text: string }) {
  return (
    <a
      href={to}
      className="sr-only z-50 rounded-md bg-accent text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:px-4 focus:py-2"
    >
      {text}
    </a>
  );
}
