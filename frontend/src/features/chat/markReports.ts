/** What the user has reported of the marks in the answers to a question. */
import { queryOptions } from "@tanstack/react-query";
import { api, type Citation, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";

export type MarkReport = Schemas["MarkReport"];
export type Reason = MarkReport["reason"];
export const LONGEST_NOTE = 500;

export const markReportsQuery = (chat: number) =>
  queryOptions({
    queryKey: keys.markReports(chat),
    queryFn: async () => {
      const params = { path: { id: String(chat) }, query: { per_page: 100 } };
      return (await unwrap(api.GET("/chat/{id}/mark-reports", { params }))).results;
    },
  });

export function isOf(report: MarkReport, reply: number, citation: Citation): boolean {
  const { start, end, quote } = citation;
  return (
    report.reply === reply && report.start === start && report.end === end && report.quote === quote
  );
}

export async function reportMark(
  chat: number,
  reply: number,
  { start, end, quote }: Citation,
  said: { reason: Reason; note: string },
): Promise<void> {
  const params = { path: { id: String(chat) } };
  const body = { reply, start, end, quote, ...said };
  const report = await unwrap(api.POST("/chat/{id}/mark-reports", { params, body }));
  change(chat, (known) => [...known.filter(({ id }) => id !== report.id), report]);
}

export async function takeBack(chat: number, report: MarkReport): Promise<void> {
  const params = { path: { id: String(chat), report: String(report.id) } };
  await unwrap(api.DELETE("/chat/{id}/mark-reports/{report}", { params }));
  change(chat, (known) => known.filter(({ id }) => id !== report.id));
}

function change(chat: number, changed: (known: MarkReport[]) => MarkReport[]): void {
  queryClient.setQueryData(markReportsQuery(chat).queryKey, (known) => changed(known ?? []));
}
