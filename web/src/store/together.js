/** Several things at once, but not more than a weak line and a browser carry side by side. */

const MOST = 4;

/**
 * Do the same with each of several, a few at a time.
 * @template One
 * @param {One[]} several
 * @param {(one: One) => Promise<boolean>} work says whether it went well; after one that did not none begins
 * @returns {Promise<boolean>} whether all went well
 */
export async function together(several, work) {
  const waiting = [...several];
  let well = true;
  async function hand() {
    while (well && waiting.length) if (!(await work(waiting.shift()))) well = false;
  }
  // All hands come to their end also when one throws: nothing of it goes on behind the back of who asked.
  const ends = await Promise.allSettled(Array.from({ length: MOST }, hand));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return well;
}
