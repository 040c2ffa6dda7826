import { type FormEvent, useRef, useState } from "react";
import { type ApiError, asApiError } from "@/api/apiError";

/** A form that the server validates: submits its fields, gives each field's error in `errors`, and
 * focuses the first wrong field. `error` is set when no field of the form shows it.
 */
export function useForm(submit: (fields: Record<string, string>) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    );
    setBusy(true);
    setError(null);
    try {
      await submit(fields);
    } catch (thrown) {
      const found = asApiError(thrown);
      setError(found);
      const name = Object.keys(found.fields)[0];
      const field = name ? form.current?.elements.namedItem(name) : null;
      if (field instanceof HTMLElement) field.focus();
    } finally {
      setBusy(false);
    }
  };

  const errors = error?.fields ?? {};
  const names = form.current
    ? [...form.current.elements].map((element) => element.getAttribute("name"))
    : [];
  const isBesideField = Object.keys(errors).some((name) => names.includes(name));
  return { props: { ref: form, onSubmit }, busy, errors, error: isBesideField ? null : error };
}
