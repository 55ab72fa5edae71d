/** Who came, and by which way: a public link, a village's code, an account, or somebody known here. */

import {
  choose,
  current,
  everybody,
  hasLeft,
  remember,
  whoHolds,
  whoIsSignedIn,
} from "../store/people.js";
import { refresh } from "../store/shelf.js";
import { arrival, to } from "./router.js";

const SIGNING = "collector-signing-in";

/** Note that somebody goes to the page where accounts sign in. */
export function goesToSignIn() {
  try {
    sessionStorage.setItem(SIGNING, "1");
  } catch {
    // Without it he chooses himself among the people on this phone.
  }
}

function comesFromSignIn() {
  try {
    const found = sessionStorage.getItem(SIGNING) === "1";
    sessionStorage.removeItem(SIGNING);
    return found;
  } catch {
    return false;
  }
}

/**
 * See who came; sets `app.person` and the first screen.
 * @param {object} app
 */
export async function arrive(app) {
  const { db } = app;
  const way = arrival(location.pathname);
  if (way?.kind === "village") await comeToVillage(app, way.value);
  if (way?.kind === "link") await comeByLink(app, way.value);
  const signing = comesFromSignIn();
  if (way === null && (signing || !app.person)) await comeByAccount(app, signing);
  else if (way === null && app.person.kind === "account") void renewAccount(app);
  app.person = await current(db);
}

/** By the address of a village: who came in by it before needs no PIN again. */
async function comeToVillage(app, code) {
  const known = (await everybody(app.db)).find((person) => person.code === code && !person.trouble);
  if (!known) {
    location.hash = to("in", "village", code);
    return;
  }
  await choose(app.db, known.id);
  tidyAddress(app);
}

/** By a public link, or the token of a phone. Where the server is silent, somebody known here goes on. */
async function comeByLink(app, token) {
  const { db } = app;
  const known = (await everybody(db)).find((person) => person.token === token);
  if (known) {
    await choose(db, known.id);
    tidyAddress(app);
    return;
  }
  const problem = await enterWithToken(app, token);
  if (problem) {
    app.arrival = problem;
    location.hash = to("in");
    return;
  }
  tidyAddress(app);
}

/**
 * Let in whoever holds a token.
 * @param {object} app
 * @param {string} token
 * @param {string} [code] of the village it was given for
 * @returns {Promise<import("../store/wire.js").Reply|null>} null when he is in; else why not
 */
export async function enterWithToken(app, token, code = "") {
  const { reply, person } = await whoHolds(token, code);
  if (!person) return reply;
  await remember(app.db, person);
  await choose(app.db, person.id);
  app.person = await current(app.db);
  // His forms come while the first screen is made; the list of them came with him.
  void refresh(app.db, app.person, { heard: reply });
  return null;
}

/** A token does not stay in the address line; inside other applications it must, to be opened elsewhere. */
export function tidyAddress(app) {
  if (app.abilities.app === null && app.abilities.store) history.replaceState(null, "", `/w/${location.hash || "#/"}`);
}

async function comeByAccount(app, wanted) {
  const { person } = await whoIsSignedIn();
  if (!person || (!wanted && (await hasLeft(app.db, person.id)))) return;
  await remember(app.db, person);
  await choose(app.db, person.id);
}

/** The session may be somebody else's by now; projects may have come. */
async function renewAccount(app) {
  const { person } = await whoIsSignedIn();
  if (person && person.id === app.person.id) await remember(app.db, { ...person, seenAt: app.person.seenAt });
}
