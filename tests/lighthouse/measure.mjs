// Runs Lighthouse over pages, on its simulated slow phone, and prints what it found as JSON.
//
// node measure.mjs ORDER.json; the order: {"chrome": path, "flags": […], "cookie": "name=value", "runs": 5,
// "pages": {"name": "address"}}. Answers {"name": [{performance, accessibility, …, faults}]}, a line a page on stderr.

import { readFileSync } from "node:fs";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices"];

const order = JSON.parse(readFileSync(process.argv[2], "utf8"));

const faultsOf = (report) =>
  CATEGORIES.flatMap((category) =>
    report.categories[category].auditRefs
      .filter((ref) => ref.weight > 0)
      .map((ref) => report.audits[ref.id])
      .filter((audit) => audit.score !== null && audit.score < 0.9)
      .map((audit) => `${category} ${audit.id} ${audit.displayValue ?? ""} ${
        (audit.details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.description ?? "").join(" | ")}`.trim()),
  );

const once = async (address, port) => {
  const { lhr } = await lighthouse(address, {
    port,
    logLevel: "error",
    onlyCategories: CATEGORIES,
    ...(order.cookie ? { extraHeaders: { Cookie: order.cookie } } : {}),
    ...(Object.keys(order.throttling ?? {}).length ? { throttling: order.throttling } : {}),
  });
  if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
  if (!order.moves && !lhr.finalDisplayedUrl.endsWith(new URL(address).pathname + new URL(address).search)) {
    throw new Error(`${address} led to ${lhr.finalDisplayedUrl}`);
  }
  // A picture inside the sheet is asked for from nobody.
  const requests = lhr.audits["network-requests"].details.items.filter((one) => !one.url.startsWith("data:"));
  return {
    ...Object.fromEntries(CATEGORIES.map((one) => [one, Math.round(lhr.categories[one].score * 100)])),
    bytes: requests.reduce((sum, one) => sum + one.transferSize, 0),
    requests: requests.length,
    paint: Math.round(lhr.audits["largest-contentful-paint"].numericValue),
    shift: lhr.audits["cumulative-layout-shift"].numericValue,
    faults: faultsOf(lhr),
  };
};

const found = {};
for (const [name, address] of Object.entries(order.pages)) {
  found[name] = [];
  let failures = 0;
  while (found[name].length < order.runs) {
    // A browser of its own each time: nothing is kept from the run before.
    const chrome = await launch({ chromePath: order.chrome, chromeFlags: order.flags });
    try {
      found[name].push(await once(address, chrome.port));
    } catch (error) {
      // Now and then a browser loses its own trace: Lighthouse asks to be run again.
      failures += 1;
      if (failures > 2) throw error;
    } finally {
      await chrome.kill();
    }
  }
  console.error(`${name}: ${found[name].map((one) => one.performance).join(" ")}`);
}
console.log(JSON.stringify(found));
