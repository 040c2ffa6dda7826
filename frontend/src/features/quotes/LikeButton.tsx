import { useMutation } from "@tanstack/react-query";
import { Heart } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { useIsGuest } from "@/api/useIsGuest";
import { cx } from "@/ui/cx";
import { toast } from "@/ui/toast";
import { setLiked, updateQuote } from "./api";

/** For guests only the count. */
export function Likes({ quote }: { quote: Quote }) {
  return useIsGuest() ? <LikeCount likes={quote.likes} /> : <LikeButton quote={quote} />;
}

function LikeCount({ likes }: { likes: number }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex items-center gap-1 tabular-nums">
      <Heart aria-hidden="true" size={16} />
      <span aria-hidden="true">{likes}</span>
      <span className="sr-only">{t("guest.likes", { count: likes })}</span>
    </span>
  );
}

/** Changes at once; if the server refuses, it changes back and shows a message. */
function LikeButton({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const { id, liked, likes } = quote;
  const like = useMutation({
    mutationFn: (wanted: boolean) => setLiked(id, wanted),
    // Requests run one after another, so that the last press wins.
    scope: { id: `like-${id}` },
    onMutate: (wanted) => {
      updateQuote(id, { liked: wanted, likes: likes + (wanted ? 1 : -1) });
      return { liked, likes };
    },
    onSuccess: (now) => updateQuote(id, { liked: now.liked, likes: now.likes, links: now.links }),
    onError: (_error, _wanted, before) => {
      if (before) updateQuote(id, before);
      toast(t("quotes.likeFailed"));
    },
  });
  return (
    <button
      type="button"
      aria-pressed={liked}
      aria-label={t("quotes.likeNamed", { count: likes })}
      title={t("quotes.like")}
      onClick={() => like.mutate(!liked)}
      className={cx(
        "relative z-[1] -my-1 -me-2 inline-flex min-h-9 min-w-9 items-center gap-1 rounded-full px-2 text-sm tabular-nums",
        "transition-opacity duration-150 hover:bg-sunken pointer-coarse:min-h-11 pointer-coarse:min-w-11",
        liked ? "font-semibold text-danger" : "text-mute hover:text-ink",
      )}
    >
      <Heart aria-hidden="true" size={18} fill={liked ? "currentColor" : "none"} />
      {likes}
    </button>
  );
}
