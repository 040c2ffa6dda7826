// A certified OpenID provider (npm: oidc-provider) on loopback, with accounts that tests set.
//
// Environment: PORT, REDIRECT_URIS (separated by spaces), CLIENT_ID, CLIENT_SECRET. Its issuer is
// http://127.0.0.1:PORT. PKCE (S256) is required.
//
//   PUT /accounts/SUBJECT    sets the claims of an account; the body is a JSON object
//   PUT /down                the paths at which it is down: connections are closed without an answer;
//                            the body is a JSON list
//   /interaction/ID          the page that asks for the account (its subject), or cancels
//
// Writes "ready" when it listens.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The package is one of the page's development dependencies, so that `npm ci` runs in one place.
const frontend = createRequire(new URL("../../../frontend/package.json", import.meta.url));
const { default: Provider } = await import(pathToFileURL(frontend.resolve("oidc-provider")).href);

const { PORT, REDIRECT_URIS, CLIENT_ID, CLIENT_SECRET } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const accounts = new Map();
let down = [];

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: REDIRECT_URIS.split(" "),
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "nickname"] },
  findAccount: (_context, sub) =>
    accounts.has(sub)
      ? { accountId: sub, claims: () => ({ ...accounts.get(sub), sub }) }
      : undefined,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, { uid }) => `http://localhost:${PORT}/interaction/${uid}` },
  loadExistingGrant: grantWhatIsAsked,
  cookies: { keys: ["of-tests-only"] },
});

/** Users are never asked for their consent. */
async function grantWhatIsAsked({ oidc }) {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

// At another host than the provider's own, as Kakao and most companies have it: what a browser may
// not follow from host to host, it does not follow here.
const page = (uid) => `<!doctype html>
<html lang="en">
  <title>Provider</title>
  <h1>Who are you?</h1>
  <form action="${issuer}/interaction/${uid}/answer">
    <label>Account <input name="account" /></label>
    <button>Continue</button>
    <button name="cancel" value="yes">Cancel</button>
  </form>
</html>`;

provider.use(async (context, next) => {
  const { method, path, query } = context;
  const [, place, name, isAnswer] = path.split("/");
  if (place === "accounts" && method === "PUT") {
    accounts.set(name, JSON.parse(await bodyOf(context.req)));
    context.status = 204;
  } else if (place === "down" && method === "PUT") {
    down = JSON.parse(await bodyOf(context.req));
    context.status = 204;
  } else if (down.includes(path)) {
    context.respond = false;
    context.req.socket.destroy();
  } else if (place === "interaction" && isAnswer) {
    context.respond = false;
    await provider.interactionFinished(context.req, context.res, resultOf(query));
  } else if (place === "interaction") {
    context.type = "html";
    context.body = page(name);
  } else await next();
});

function resultOf({ account, cancel }) {
  return cancel
    ? { error: "access_denied", error_description: "The user cancelled" }
    : { login: { accountId: account } };
}

async function bodyOf(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

provider.listen(Number(PORT), "127.0.0.1", () => process.stdout.write("ready\n"));
