/** Why a form cannot be opened here, as a sentence for who wanted to fill it in. */
export class CannotOpen extends Error {
  /**
   * @param {string} sentence
   * @param {{missing?: string[], reasons?: string[]}} [details] - files that are not on this phone; what the
   *   engine said
   */
  constructor(sentence, { missing = [], reasons = [] } = {}) {
    super(sentence);
    this.name = "CannotOpen";
    this.missing = missing;
    this.reasons = reasons;
  }
}
