/** Which browser this is, where that decides what may be trusted to it. */

const INSIDE = [
  [/zalo/i, "Zalo"],
  [/FBAN|FBAV|FB_IAB/i, "Facebook"],
  [/messenger/i, "Messenger"],
  [/instagram/i, "Instagram"],
  [/musical_ly|bytedance|tiktok/i, "TikTok"],
  [/\bLine\//i, "LINE"],
  [/micromessenger/i, "WeChat"],
  [/; wv\)/i, ""],
];

/**
 * The application in whose window the page was opened: such windows forget what is kept in them.
 * @param {string} agent as the browser calls itself
 * @returns {string|null} its name, "" when it is not known; null for a browser of its own
 */
export function inside(agent) {
  const found = INSIDE.find(([sign]) => sign.test(agent));
  return found ? found[1] : null;
}

/** Whether it is Android, whose links can name the browser they want. */
export function isAndroid(agent) {
  return /android/i.test(agent);
}

/** Whether it is an iPhone or iPad, where installing is done by hand. */
export function isApple(agent) {
  return /iphone|ipad|ipod/i.test(agent);
}

/**
 * A link that opens an address in Chrome on Android, or says where to get it.
 * @param {string} address a whole one
 * @returns {string} an address of the scheme `intent:`
 */
export function chromeLink(address) {
  const { protocol, host, pathname, search } = new URL(address);
  const scheme = protocol.replace(":", "");
  return `intent://${host}${pathname}${search}#Intent;scheme=${scheme};package=com.android.chrome;end`;
}

/**
 * What this window lacks for work without network.
 * @param {{lasting: boolean}} db
 * @returns {{app: string|null, store: boolean, worker: boolean}} `store` and `worker`: whether they are there
 */
export function abilities(db) {
  return {
    app: inside(navigator.userAgent),
    store: db.lasting,
    worker: "serviceWorker" in navigator && globalThis.isSecureContext !== false,
  };
}
