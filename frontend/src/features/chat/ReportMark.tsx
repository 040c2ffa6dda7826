import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/api/client";
import "@/i18n/report";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { AreaField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { LONGEST_NOTE, type MarkReport, type Reason, reportMark, takeBack } from "./markReports";

interface ReportMarkProps {
  citation: Citation;
  answer: { chat: number; reply: number };
  report: MarkReport | undefined;
  onClose: () => void;
}

/** The form in which a user reports a wrong mark, and afterwards the state of the report. */
export default function ReportMark({ report, ...rest }: ReportMarkProps) {
  const [isNew, setNew] = useState(false);
  if (report) return <Reported report={report} isNew={isNew} {...rest} />;
  return <ReportForm {...rest} onSent={() => setNew(true)} />;
}

const REASONS: readonly Reason[] = ["verdict", "line", "speaker", "other"];

function ReportForm({
  citation,
  answer: { chat, reply },
  onClose,
  onSent,
}: Omit<ReportMarkProps, "report"> & { onSent: () => void }) {
  const { t } = useTranslation("report");
  const { t: common } = useTranslation();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    first.current?.focus();
    first.current?.form?.scrollIntoView?.({ block: "nearest" }); // its buttons, too
  }, []);
  const form = useForm(async ({ reason, note = "" }) => {
    onSent(); // before the report is known, which replaces this form
    await reportMark(chat, reply, citation, { reason: reason as Reason, note });
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} noValidate className="flex flex-col gap-3 border-t border-line pt-3">
      {form.error && <Alert>{errorText}</Alert>}
      <fieldset>
        <legend className="font-semibold">{t("what")}</legend>
        {REASONS.map((reason, at) => (
          <label key={reason} className="flex min-h-8 items-center gap-2">
            <input
              ref={at === 0 ? first : undefined}
              type="radio"
              name="reason"
              value={reason}
              defaultChecked={at === 0}
              className="size-4 accent-accent"
            />
            {t(`reasons.${reason}`)}
          </label>
        ))}
      </fieldset>
      <AreaField
        label={t("note")}
        optional
        name="note"
        rows={2}
        maxLength={LONGEST_NOTE}
        error={form.errors.note}
      />
      <p className="text-xs text-mute">{t("whoSees")}</p>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common("app.cancel")}</Button>
        <Button type="submit" kind="primary" busy={form.busy}>
          {t("send")}
        </Button>
      </div>
    </form>
  );
}

function Reported({
  report,
  answer: { chat },
  isNew,
  onClose,
}: Omit<ReportMarkProps, "report" | "citation"> & { report: MarkReport; isNew: boolean }) {
  const { t } = useTranslation("report");
  const said = useRef<HTMLParagraphElement>(null);
  // The button that sent the form is gone.
  useEffect(() => {
    if (isNew) said.current?.focus();
  }, [isNew]);
  const form = useForm(async () => {
    await takeBack(chat, report);
    onClose();
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col items-start gap-2 border-t border-line pt-3">
      {form.error && <Alert>{errorText}</Alert>}
      <p ref={said} tabIndex={-1} role="status" className="outline-none">
        {t(`state.${report.state}`)}
      </p>
      {report.answer && (
        <blockquote dir="auto" className="border-s-2 border-field ps-3 whitespace-pre-line">
          {report.answer}
        </blockquote>
      )}
      {report.state === "open" && (
        <Button type="submit" kind="quiet" busy={form.busy} className="-ms-4">
          {t("takeBack")}
        </Button>
      )}
    </form>
  );
}
