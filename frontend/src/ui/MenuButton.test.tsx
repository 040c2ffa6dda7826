import { renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { lazy } from "react";
import { expect, it, vi } from "vitest";
import en from "@/i18n/en";
import { renderPage } from "@/test/renderPage";
import { IconButton } from "./Button";
import { Menu, MenuItem } from "./Menu";
import { MenuButton, type MenuState } from "./MenuButton";
import { useToasts } from "./toast";

function Pets({ menu, onCat }: { menu: MenuState; onCat: () => void }) {
  return (
    <Menu {...menu}>
      <MenuItem onSelect={onCat}>Cat</MenuItem>
      <MenuItem onSelect={() => {}}>Dog</MenuItem>
    </Menu>
  );
}

/** A menu whose code is there when `load` has given it. */
async function show(load = vi.fn(async () => ({ default: Pets }))) {
  const onCat = vi.fn();
  const Loaded = lazy(load);
  renderPage(
    <MenuButton load={load} button={<IconButton label="Pets">…</IconButton>}>
      {(menu) => <Loaded menu={menu} onCat={onCat} />}
    </MenuButton>,
  );
  const button = await screen.findByRole("button", { name: "Pets" });
  return { button, load, onCat };
}

it("loads the menu when it is needed", async () => {
  const { button, load } = await show();
  expect(button).toHaveAttribute("aria-haspopup", "menu");
  expect(button).toHaveAttribute("aria-expanded", "false");
  expect(load).not.toHaveBeenCalled();
  await userEvent.hover(button);
  expect(load).toHaveBeenCalled();
  expect(screen.queryByRole("menu")).toBeNull();
});

it("opens by a click, takes a choice, and gives the focus back", async () => {
  const { button, onCat } = await show();
  await userEvent.click(button);
  expect(await screen.findByRole("menu", { name: "Pets" })).toBeVisible();
  expect(button).toHaveAttribute("aria-expanded", "true");
  await userEvent.click(screen.getByRole("menuitem", { name: "Cat" }));
  expect(onCat).toHaveBeenCalledOnce();
  expect(screen.queryByRole("menu")).toBeNull();
  expect(button).toHaveFocus();
});

it("closes by a second click", async () => {
  const { button } = await show();
  await userEvent.click(button);
  await screen.findByRole("menu");
  await userEvent.click(button);
  expect(screen.queryByRole("menu")).toBeNull();
});

it.each(["{Enter}", " ", "{ArrowDown}"])("opens at its first item by the key %j", async (key) => {
  const { button } = await show();
  await userEvent.tab();
  expect(button).toHaveFocus();
  await userEvent.keyboard(key);
  expect(await screen.findByRole("menuitem", { name: "Cat" })).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}");
  expect(screen.getByRole("menuitem", { name: "Dog" })).toHaveFocus();
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(button).toHaveFocus();
});

it("says that its code cannot be loaded, and opens once it can", async () => {
  let isOffline = true;
  const load = vi.fn(async () => {
    if (isOffline) throw new Error("offline");
    return { default: Pets };
  });
  const { button } = await show(load);
  const told = renderHook(useToasts).result;
  await userEvent.click(button);
  expect(screen.queryByRole("menu")).toBeNull();
  expect(button).toHaveAttribute("aria-expanded", "false");
  await waitFor(() => expect(told.current.map(({ text }) => text)).toContain(en.app.notLoaded));
  isOffline = false;
  await userEvent.click(button);
  expect(await screen.findByRole("menu")).toBeVisible();
});
