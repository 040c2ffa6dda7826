import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { MadeToken } from "./MadeToken";
import { NewTokenDialog } from "./NewTokenDialog";
import { PersonalTokenItem } from "./PersonalTokenItem";
import { personalTokensQuery } from "./personalTokens";
import { Heading, Section } from "./settingsParts";

export function TokenSettings() {
  const { t } = useSettingsTranslation();
  const [asked, setAsked] = useState(false);
  const [made, setMade] = useState<Schemas["PersonalTokenMade"] | null>(null);
  return (
    <>
      <Heading>{t("tokens:title")}</Heading>
      {made && <MadeToken key={made.id} token={made} onClose={() => setMade(null)} />}
      <Section title={t("tokens:yours")}>
        <p className="text-sm text-mute">{t("tokens:intro")}</p>
        <Button kind="primary" className="self-start" onClick={() => setAsked(true)}>
          <Plus aria-hidden="true" size={16} />
          {t("tokens:new")}
        </Button>
        <TokenList
          onGone={(id) => {
            if (made?.id === id) setMade(null);
          }}
        />
      </Section>
      {asked && <NewTokenDialog onClose={() => setAsked(false)} onMade={setMade} />}
    </>
  );
}

function TokenList({ onGone }: { onGone: (id: number) => void }) {
  const { t } = useSettingsTranslation();
  const { data, error, refetch } = useQuery(personalTokensQuery);
  if (data?.results.length === 0) return <Empty icon={KeyRound} text={t("tokens:empty")} />;
  if (data) {
    return (
      <ul className="flex flex-col divide-y divide-line">
        {data.results.map((token) => (
          <PersonalTokenItem key={token.id} token={token} onGone={() => onGone(token.id)} />
        ))}
      </ul>
    );
  }
  return error ? <Failure error={error} onRetry={refetch} /> : <Skeleton />;
}
