import { type FormEvent, useRef, useState } from "react";
import { asRefusal, type Refusal } from "@/api/problem";

/** A form whose rules the server knows: sends its fields, and shows each refusal beside its field.
 * The first wrong field gets the focus.
 */
export function useForm(submit: (fields: Record<string, string>) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    );
    setBusy(true);
    setRefusal(null);
    try {
      await submit(fields);
    } catch (error) {
      const found = asRefusal(error);
      setRefusal(found);
      const name = Object.keys(found.fields)[0];
      const field = name ? form.current?.elements.namedItem(name) : null;
      if (field instanceof HTMLElement) field.focus();
    } finally {
      setBusy(false);
    }
  };

  const errors = refusal?.fields ?? {};
  const names = form.current
    ? [...form.current.elements].map((element) => element.getAttribute("name"))
    : [];
  const isBesideField = Object.keys(errors).some((name) => names.includes(name));
  return { props: { ref: form, onSubmit }, busy, errors, refusal: isBesideField ? null : refusal };
}
