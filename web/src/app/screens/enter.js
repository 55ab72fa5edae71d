/** Ways in: somebody known on this phone, an account, a village's code with its PIN, a link. */

import { belongings, choose, current, everybody, openVillage, remember, whoIsSignedIn } from "../../store/people.js";
import { say } from "../../words/index.js";
import { enterWithToken, goesToSignIn, tidyAddress } from "../arriving.js";
import { freshen } from "../background.js";
import { announce, button, h, note, refill } from "../dom.js";
import { arrival, to } from "../router.js";
import { reason } from "../sentences.js";

/** Show it; `in/village/<code>` comes with the code filled in. */
export async function show(app, place, [way, code = ""]) {
  const people = await everybody(app.db);
  const failed = app.arrival;
  app.arrival = null;
  place.append(
    h("h1", {}, say(people.length ? "in.title" : "in.title.first")),
    failed ? note("bad", h("p", {}, reason(failed, "in.link.refused"))) : "",
    people.length ? await known(app, people) : h("p", {}, say("in.intro")),
    village(app, way === "village" ? code : ""),
    account(app),
    link(app),
  );
  if (way === "village") place.querySelector(code ? "#pin" : "#village")?.scrollIntoView();
}

async function goHome(app) {
  app.person = await current(app.db);
  location.hash = to("home");
  tidyAddress(app);
  void freshen(app);
}

async function known(app, people) {
  const cards = await Promise.all(
    people.map(async (person) => {
      const { drafts, unsent } = await belongings(app.db, person.id);
      const take = async () => {
        await choose(app.db, person.id);
        await goHome(app);
      };
      const now = person.id === app.person?.id;
      return h(
        "li.card.person",
        {},
        h(
          "button.open",
          { type: "button", onclick: take, "aria-current": now ? "true" : null },
          h("strong", {}, person.name),
          h("span.soft", {}, kindOf(person)),
          drafts || unsent ? h("span.soft", {}, say("in.has", { drafts, unsent })) : null,
        ),
      );
    }),
  );
  return h(
    "section",
    { "aria-labelledby": "known" },
    h("h2", { id: "known" }, say("in.known")),
    h("ul.cards", {}, cards),
    app.person ? h("p", {}, h("a", { href: to("leave") }, say("in.leave", { name: app.person.name }))) : null,
  );
}

function kindOf(person) {
  const places = person.places.map((one) => one.name).filter((name) => name !== person.name);
  return [say(`kind.${person.kind}`), ...places].join(" · ");
}

function village(app, code) {
  const wrong = h("div", { role: "alert" });
  const number = h("input", { id: "village", name: "code", required: true, autocomplete: "off", autocapitalize: "characters", value: code });
  const pin = h("input", { id: "pin", name: "pin", required: true, inputmode: "numeric", autocomplete: "off", maxlength: 12 });
  const submit = h("button", { type: "submit" }, say("in.village.go"));
  const take = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    announce(say("wait"));
    const typed = number.value.trim();
    const { reply, token } = await openVillage(typed, pin.value.trim());
    const problem = token ? await enterWithToken(app, token, typed) : reply;
    submit.disabled = false;
    if (problem) refill(wrong, note("bad", h("p", {}, reason(problem, "in.village.wrong"))));
    else await goHome(app);
  };
  return h(
    "section",
    { "aria-labelledby": "by-village" },
    h("h2", { id: "by-village" }, say("in.village")),
    h("p", {}, say("in.village.text")),
    h(
      "form.fields",
      { onsubmit: take },
      h("div.field", {}, h("label", { for: "village" }, say("in.village.code")), number),
      h("div.field", {}, h("label", { for: "pin" }, say("in.village.pin")), pin),
      wrong,
      h("div.buttons", {}, submit),
    ),
  );
}

function account(app) {
  const place = h("p.soft");
  void whoIsSignedIn().then(({ person }) => {
    if (!person || person.id === app.person?.id) return;
    const use = async () => {
      await remember(app.db, person);
      await choose(app.db, person.id);
      await goHome(app);
    };
    refill(place, button(say("in.account.as", { name: person.name }), use));
  });
  return h(
    "section",
    { "aria-labelledby": "by-account" },
    h("h2", { id: "by-account" }, say("in.account")),
    h("p", {}, say("in.account.text")),
    h("div.buttons", {}, h("a.button.quiet", { href: "/signin?next=/w/", onclick: goesToSignIn }, say("in.account.go"))),
    place,
  );
}

function link(app) {
  const wrong = h("div", { role: "alert" });
  const field = h("input", { id: "link", type: "url", inputmode: "url", required: true, autocomplete: "off" });
  const take = async (event) => {
    event.preventDefault();
    const way = arrival(pathOf(field.value.trim()));
    if (way?.kind === "village") location.hash = to("in", "village", way.value);
    const problem = way?.kind === "link" ? await enterWithToken(app, way.value) : null;
    if (way === null) refill(wrong, note("bad", h("p", {}, say("in.link.wrong"))));
    else if (problem) refill(wrong, note("bad", h("p", {}, reason(problem, "in.link.refused"))));
    else if (way.kind === "link") await goHome(app);
  };
  return h(
    "section",
    { "aria-labelledby": "by-link" },
    h("h2", { id: "by-link" }, say("in.link")),
    h("p", {}, say("in.link.text")),
    h(
      "form.fields",
      { onsubmit: take },
      h("div.field", {}, h("label", { for: "link" }, say("in.link.field")), field),
      wrong,
      h("div.buttons", {}, h("button.quiet", { type: "submit" }, say("in.link.go"))),
    ),
  );
}

function pathOf(address) {
  try {
    return new URL(address).pathname;
  } catch {
    return "";
  }
}
