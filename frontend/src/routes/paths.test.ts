import { expect, it } from "vitest";
import routes from "../../../config/page_routes.json";
import { router } from "./router";

/** The router's addresses; an index route repeats its parent's with a slash behind it. */
const known = () => Object.keys(router.routesByPath).map((path) => path.replace(/(?<=.)\/$/, ""));

const differences = (listed: string[]) => [
  ...[...new Set(known())].filter((path) => !listed.includes(path)),
  ...listed.filter((path) => !known().includes(path)),
];

it("has the addresses that the list has, from which Django answers", () => {
  expect(differences(routes.pages)).toEqual([]);
});

it("notices an address that is missing on either side", () => {
  expect(differences([...routes.pages, "/planted"])).toEqual(["/planted"]);
  expect(differences(routes.pages.filter((path) => path !== "/quotes/new"))).toEqual([
    "/quotes/new",
  ]);
});
