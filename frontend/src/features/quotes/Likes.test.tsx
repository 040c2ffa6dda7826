import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Quote } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { renderPage } from "@/test/renderPage";
import { Likes } from "./LikeButton";

const quote = { id: 7, likes: 3, liked: false, links: [] } as unknown as Quote;

it("shows a guest the number of likes, and no button", async () => {
  queryClient.setQueryData(keys.profile, null);
  renderPage(<Likes quote={quote} />);
  expect(await screen.findByText("3 likes")).toBeInTheDocument();
  expect(screen.queryByRole("button")).toBeNull();
});

it("lets a member like", async () => {
  queryClient.setQueryData(keys.profile, { id: 1 });
  renderPage(<Likes quote={quote} />);
  expect(await screen.findByRole("button", { name: "Like, 3 likes" })).toBeVisible();
});
