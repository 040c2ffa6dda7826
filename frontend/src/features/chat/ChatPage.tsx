import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/ui/errorText";
import { SkipLink } from "@/ui/SkipLink";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { usePage } from "@/ui/usePage";
import { conversationQuery } from "./api";
import { Composer } from "./Composer";
import { ModelGone } from "./ModelChoice";
import { Suggestions } from "./Suggestions";
import { TemporaryMark, TemporarySwitch } from "./TemporaryChat";
import { Transcript } from "./Transcript";
import type { Turn } from "./turnStore";
import { useChat } from "./useChat";
import { useComposerFocus } from "./useComposerFocus";

/** A new or an existing conversation. It stays mounted while a new one gets its id. */
export function ChatPage() {
  const { id: given } = useParams({ strict: false });
  const id = given === undefined ? null : Number(given);
  const { t } = useTranslation();
  const conversation = useQuery({
    ...conversationQuery(id ?? 0),
    enabled: id !== null && Number.isSafeInteger(id),
  });
  const chat = useChat(id, conversation.data);
  const title = id === null ? t("chat.new") : conversation.data?.title || t("chat.title");
  const heading = usePage(title);
  useComposerFocus(chat.field, id, chat.running !== undefined); // after the heading has taken it
  const isMissing = id !== null && (conversation.isError || !Number.isSafeInteger(id));
  const isEmpty = chat.steps.length === 0 && !chat.pending && !chat.isOpening;

  return (
    <main id="main" className="flex min-h-0 flex-1 flex-col print:block">
      <SkipLink to="#question" text={t("chat.skip")} />
      <Announcer turn={chat.running} />
      {isMissing && !conversation.data ? (
        <div className="flex-1">
          <HiddenHeading ref={heading} title={title} />
          <Failure
            error={conversation.error ?? new Error("no such conversation")}
            onRetry={() => conversation.refetch()}
          />
        </div>
      ) : id !== null && conversation.isPending && !chat.pending ? (
        <div className="mx-auto w-full max-w-[768px] flex-1 p-6">
          <HiddenHeading ref={heading} title={title} />
          <Skeleton />
        </div>
      ) : isEmpty ? (
        <Welcome
          heading={heading}
          onSuggest={chat.suggest}
          isTemporary={chat.isTemporary}
          onTemporary={id === null ? chat.setTemporary : undefined}
        />
      ) : (
        <Transcript
          heading={heading}
          title={title}
          conversation={id === null ? undefined : conversation.data}
          steps={chat.steps}
          found={chat.found}
          pending={chat.pending}
          turns={chat.turns}
          problems={chat.problems}
          onChoose={chat.choose}
          onResend={chat.running ? undefined : chat.resend}
          onRegenerate={chat.running ? undefined : chat.regenerate}
          onContinue={chat.running ? undefined : chat.continueAnswer}
          onSuggest={chat.suggest}
        />
      )}
      <Composer
        draftKey={chat.draftKey}
        revision={chat.revision}
        field={chat.field}
        onSend={chat.send}
        onPutBack={chat.putBack}
        onStop={chat.running ? chat.stop : null}
        stopping={chat.running?.phase === "stopping"}
        model={chat.model.model}
        onModel={chat.model.choose}
      >
        {chat.wentOn && (
          <p role="status" className="text-sm text-mute">
            {t("chat.wentOn")}
          </p>
        )}
        {chat.isTemporary && (id !== null || !isEmpty) && <TemporaryMark id={id} />}
        {chat.model.gone && <ModelGone model={chat.model.gone} />}
        {chat.error && <ErrorAlert error={chat.error} />}
      </Composer>
    </main>
  );
}

type HeadingRef = RefObject<HTMLHeadingElement | null>;

function HiddenHeading({ ref, title }: { ref: HeadingRef; title: string }) {
  return (
    <h1 ref={ref} tabIndex={-1} className="sr-only">
      {title}
    </h1>
  );
}

interface WelcomeProps {
  heading: HeadingRef;
  onSuggest: (text: string) => void;
  isTemporary: boolean;
  /** Missing where the conversation is there already. */
  onTemporary: ((checked: boolean) => void) | undefined;
}

function Welcome({ heading, onSuggest, isTemporary, onTemporary }: WelcomeProps) {
  const { t } = useTranslation();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex min-h-full w-full max-w-[768px] flex-col justify-center gap-6 px-4 py-8">
        <div>
          <h1 ref={heading} tabIndex={-1} className="text-2xl">
            {t("chat.heading")}
          </h1>
          <p className="mt-2 text-mute">{t("chat.intro")}</p>
        </div>
        <Suggestions onChoose={onSuggest} />
        {onTemporary && <TemporarySwitch checked={isTemporary} onChange={onTemporary} />}
      </div>
    </div>
  );
}

function ErrorAlert({ error }: { error: unknown }) {
  return <Alert>{useErrorText(error)}</Alert>;
}

/** Announces to screen readers that an answer is being written, and that it is complete. */
function Announcer({ turn }: { turn: Turn | undefined }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const isWriting = turn !== undefined;
  const wasWriting = useRef(isWriting);
  useEffect(() => {
    if (isWriting) setText(t("chat.writing"));
    else if (wasWriting.current) setText(t("chat.done"));
    wasWriting.current = isWriting;
  }, [isWriting, t]);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
