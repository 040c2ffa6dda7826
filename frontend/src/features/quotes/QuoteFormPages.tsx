import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quote, Schemas } from "@/api/client";
import { quoteQuery } from "@/api/quote";
import { Button, buttonClass } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { AreaField, inputClass, TextField } from "@/ui/Field";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { usePage } from "@/ui/usePage";
import { editQuote, LANGUAGES, submitQuote } from "./api";
import { useQuoteId } from "./QuotePage";
import { SimilarQuotes } from "./SimilarQuotes";

const MAX_LINE_LENGTH = 1000;

type Fields = Schemas["QuoteInputRequest"];

export function SubmitPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <FormPage title={t("quotes.submit")}>
      <QuoteForm
        action={t("quotes.submitAction")}
        onSave={async (fields) => {
          await submitQuote(fields);
          toast(t("quotes.submitted"));
          navigate({ to: "/quotes/mine" });
        }}
      />
    </FormPage>
  );
}

export function EditPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const id = useQuoteId();
  const quote = useQuery(quoteQuery(id));
  return (
    <FormPage title={t("quotes.editTitle")}>
      {quote.isPending && <Skeleton />}
      {quote.isError && <Failure error={quote.error} onRetry={() => quote.refetch()} />}
      {quote.data && (
        <>
          <Alert tone="warn">{t("quotes.editNote")}</Alert>
          <QuoteForm
            quote={quote.data}
            action={t("quotes.editAction")}
            onSave={async (fields) => {
              await editQuote(id, fields);
              toast(t("quotes.edited"));
              navigate({ to: "/quotes/$id", params: { id: String(id) }, replace: true });
            }}
          />
        </>
      )}
    </FormPage>
  );
}

function FormPage({ title, children }: { title: string; children: ReactNode }) {
  const heading = usePage(title);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[600px] flex-col gap-6 px-4 pt-6 pb-12">
        <h1 ref={heading} tabIndex={-1} className="text-xl">
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
}

interface QuoteFormProps {
  quote?: Quote;
  action: string;
  onSave: (fields: Fields) => Promise<void>;
}

function QuoteForm({ quote, action, onSave }: QuoteFormProps) {
  const { t } = useTranslation();
  const languageId = useId();
  const [line, setLine] = useState(quote?.content ?? "");
  const form = useForm(async ({ content = "", ...others }) => onSave({ content, ...others }));
  const errorText = useErrorText(form.error);
  const length = [...line.normalize("NFC").trim()].length;
  return (
    <form {...form.props} className="flex flex-col gap-4">
      {form.error && (
        <Alert>
          {errorText}
          {form.error.problem.quote && (
            <>
              {" "}
              <Link
                to="/quotes/$id"
                params={{ id: String(form.error.problem.quote) }}
                className="underline"
              >
                {t("quotes.similar.see")}
              </Link>
            </>
          )}
        </Alert>
      )}
      <AreaField
        label={t("quotes.content")}
        name="content"
        required
        rows={4}
        value={line}
        onChange={(event) => setLine(event.target.value)}
        error={
          form.errors.content ??
          (length > MAX_LINE_LENGTH ? t("chat.tooLong", { limit: MAX_LINE_LENGTH }) : undefined)
        }
        hint={
          <span className="flex flex-wrap justify-between gap-x-4">
            <span>{t("quotes.contentHint")}</span>
            <span className="tabular-nums">
              {t("quotes.counter", { used: length, limit: MAX_LINE_LENGTH })}
            </span>
          </span>
        }
      />
      <SimilarQuotes line={line} except={quote?.id} />
      <TextField
        label={t("quotes.speaker")}
        name="speaker"
        optional
        maxLength={200}
        defaultValue={quote?.speaker}
        hint={t("quotes.speakerHint")}
        error={form.errors.speaker}
      />
      <TextField
        label={t("quotes.source")}
        name="source"
        optional
        maxLength={200}
        defaultValue={quote?.source}
        hint={t("quotes.sourceHint")}
        error={form.errors.source}
      />
      <AreaField
        label={t("quotes.context")}
        name="context"
        optional
        rows={2}
        maxLength={1000}
        defaultValue={quote?.context}
        hint={t("quotes.contextHint")}
        error={form.errors.context}
      />
      <div className="flex flex-col gap-1">
        <label htmlFor={languageId} className="text-sm font-semibold">
          {t("quotes.language")}
        </label>
        <select
          id={languageId}
          name="language"
          defaultValue={quote?.language ?? ""}
          className={inputClass}
        >
          <option value="">{t("quotes.languageAuto")}</option>
          {LANGUAGES.map((code) => (
            <option key={code} value={code}>
              {t(`quotes.languages.${code}`)}
            </option>
          ))}
          {quote?.language && !LANGUAGES.some((code) => code === quote.language) && (
            <option value={quote.language}>{quote.language}</option>
          )}
        </select>
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Link to="/quotes/mine" className={buttonClass("secondary")}>
          {t("app.cancel")}
        </Link>
        <Button type="submit" kind="primary" busy={form.busy} disabled={length > MAX_LINE_LENGTH}>
          {action}
        </Button>
      </div>
    </form>
  );
}
