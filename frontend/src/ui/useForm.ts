import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, asApiError, problemOf } from "@/api/apiError";

/** A form that the server validates: submits its fields, gives each field's error in `errors`, and
 * focuses the first wrong field. `error` is set when no field of the form shows it. Errors of
 * `required`, `minLength` and the like are shown in the page's words: a browser would show them in
 * its own words and language.
 */
export function useForm(submit: (fields: Record<string, string>) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const explain = useExplanation();

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    );
    setBusy(true);
    setError(null);
    try {
      const errors = [...event.currentTarget.elements].flatMap(explain);
      if (errors.length > 0) throw new ApiError({ ...problemOf("invalid"), errors });
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
  const props = { ref: form, onSubmit, noValidate: true };
  return { props, busy, errors, error: isBesideField ? null : error };
}

/** Says what is wrong with a field; nothing where its value is valid. */
function useExplanation() {
  const { t } = useTranslation();
  return (element: Element) => {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return [];
    const { validity, name, type, value, minLength } = element;
    // Not `validity.tooShort`, which ignores texts that a script has put in.
    const isShort = value !== "" && value.length < minLength;
    if (!element.willValidate || (validity.valid && !isShort)) return [];
    const found = { field: name, code: "invalid" };
    if (validity.valueMissing && type === "checkbox")
      return [{ ...found, detail: t("field.tick") }];
    if (validity.valueMissing) return [{ ...found, detail: t("field.required") }];
    if (isShort) return [{ ...found, detail: t("field.short", { count: minLength }) }];
    return [{ ...found, detail: t(type === "email" ? "field.email" : "field.invalid") }];
  };
}
