import { BASE, csrfToken } from "@/api/client";

/** Sends the user to the provider to sign in once more; they come back to the page they are on. A
 * form, because the provider's page needs a real navigation.
 */
export async function signInAgainWith(provider: string): Promise<void> {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${BASE}/_allauth/browser/v1/auth/provider/redirect`;
  const fields = {
    provider,
    process: "login",
    callback_url: `/login/callback?${new URLSearchParams({ next: location.pathname })}`,
    csrfmiddlewaretoken: await csrfToken(),
  };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}
