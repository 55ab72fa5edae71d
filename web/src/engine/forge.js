/** What digest() in an expression stands on: 60 KB that come only with a form that uses it. */

export let md;
export let util;

/** Fetches it; has to be done before an expression with digest() is worked out. */
export async function loadForge() {
  const forge = await import("node-forge");
  ({ md, util } = forge.default ?? forge);
}
