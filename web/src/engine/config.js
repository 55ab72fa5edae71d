/** The engine's settings. */
export default {
  experimentalOptimizations: { computeAsync: false },
  // A question that is not asked counts as blank in expressions, as in ODK Collect.
  excludeNonRelevant: true,
  forceClearNonRelevant: false,
  maps: [],
  googleApiKey: "",
  repeatOrdinals: false,
  validateContinuously: false,
  validatePage: true,
  swipePage: false,
  textMaxChars: 20000,
};
