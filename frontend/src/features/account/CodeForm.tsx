import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/api/apiError";
import { keys } from "@/api/keys";
import { useFactorTranslation } from "@/i18n/factor";
import { Button } from "@/ui/Button";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { signInByFactor, type Way, waitingFactors } from "./secondFactor";
import { WaysForm } from "./WaysForm";

/** Always asked anew: a sign-in waits for some minutes only. */
const waitingQuery = queryOptions({
  queryKey: keys.waitingFactors,
  queryFn: waitingFactors,
  gcTime: 0,
});

/** Asks for the second factor of a sign-in that waits for one. */
export function CodeForm({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const { t } = useFactorTranslation();
  const waiting = useQuery(waitingQuery);
  const [isOver, setOver] = useState(false);
  const show = async (way: Way, secret: string) => {
    try {
      await signInByFactor(way, secret);
    } catch (thrown) {
      if (asApiError(thrown).status !== 401) throw thrown;
      setOver(true);
      return;
    }
    onDone();
  };
  if (waiting.error) return <Failure error={waiting.error} onRetry={() => waiting.refetch()} />;
  if (waiting.data === undefined) return <Skeleton rows={2} />;
  return (
    <div className="flex flex-col gap-4">
      {isOver || waiting.data === null ? (
        <Alert>{t("factor:expired")}</Alert>
      ) : (
        <WaysForm ways={waiting.data} onShow={show} action={t("account.login")} />
      )}
      <Button onClick={onBack}>{t("factor:startAgain")}</Button>
    </div>
  );
}
