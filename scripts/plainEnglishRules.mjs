// The unusual words that `npm run lint` rejects. `plainEnglish.mjs` does the check.
//
// To ban a word, add a rule to WORDS or NAMES. Choose words and phrases that are almost never right.
// To allow one line, add a comment "plain-english-ignore: <reason>" at its end, or alone on the line before it.

/** Files that aren't checked: text written by others, and the files with the banned words themselves. */
export const SKIPPED = ["NOTICES.md", "scripts/plainEnglishRules.mjs", "scripts/plainEnglish.test.mjs"]

/**
 * Words and phrases. Matched in prose, strings, comments and identifiers; identifiers are also read as separate
 * words, so `beginAnew` is matched as "begin Anew".
 */
export const WORDS = [
  { pattern: /\banew\b/i, use: "again" },
  { pattern: /\bafresh\b/i, use: "again, from scratch" },
  { pattern: /\bat once\b/i, use: "immediately, concurrently, in one go" },
  { pattern: /\bwhoever\b/i, use: "anyone who, the caller that" },
  { pattern: /\bby (?:it|them)sel(?:f|ves)\b/i, use: "on its own, automatically" },
  { pattern: /\blet(?:s|ting)? go\b/i, use: "release, drop, evict, disconnect" },
  { pattern: /\bgo(?:es|ing)? on\b/i, use: "continue, resume" },
  { pattern: /\btold\b/i, use: "notified, published; as a callback: onX" },
  { pattern: /\b(?:heard|hears? of)\b/i, use: "received, is notified of; as a callback: onX" },
  { pattern: /\blooked\b(?! up\b)/i, use: "checked, searched; as a callback: onX" },
  { pattern: /\bnoted\b/i, use: "recorded, logged" },
  {
    // "there is no …" and "is no longer" are fine.
    pattern: /(?<!\bthere )\b(?:is|are|was|were) no (?!good\b|longer\b|more\b|less\b|different\b)[a-z]+/i,
    use: "isn't a …, isn't …",
  },
  { pattern: /\bthere (?:is|are|was|were) no such\b/i, use: "… doesn't exist" },
  { pattern: /\bof its own\b/i, use: "its own …, a separate …" },
  { pattern: /\bso that no\b/i, use: "so that … never, so … can't" },
  { pattern: /\bwhat is not\b/i, use: "the other …, unknown …" },
  { pattern: /\bin the way of\b/i, use: "like, as … does" },
  { pattern: /\bno good\b/i, use: "invalid" },
  { pattern: /\b(?:is|are) to be\b/i, use: "must be, should be" },
  { pattern: /\bfor ever\b/i, use: "forever" },
  { pattern: /\b(?:give|gives|given|giving) back\b/i, use: "return, release" },
  { pattern: /\b(?:on|all|no) trouble\b/i, use: "on error, on failure" },
  { pattern: /\bwhether there (?:is|was) one\b/i, use: "true if it exists, true if it existed" },
  { pattern: /\b(?:can|can't|cannot|could|may) be had\b/i, use: "is available" },
  { pattern: /\bof the version\b/i, use: "from version …" },
  { pattern: /\bnot been made\b/i, use: "doesn't exist yet" },
  { pattern: /\bhalf[ -]made\b/i, use: "partial, unfinished" },
  { pattern: /\bin whole(?=\W?$|[.,;:)])/i, use: "in full" },
  { pattern: /\b(?:what stands|stands? (?:there|for itself))\b/i, use: "is, exists" },
  { pattern: /\bfor [\w' ]{1,20} sake\b/i, use: "because of" },
  { pattern: /\bcancel(?:lation)?s? (?:is |was )?(?:asked|wanted)\b/i, use: "cancellation requested" },
  { pattern: /\bwish(?:es|ed)?\b/i, use: "request" },
  { pattern: /\bdoors?\b/i, use: "handler, routes, entry point" },
  { pattern: /\bsieves?\b/i, use: "filter, bisector" },
  { pattern: /\bpatience\b/i, use: "backoff, timeout" },
  { pattern: /\btastes?\b/i, use: "probe, sample" },
  { pattern: /\bislands?\b/i, use: "tail" },
  { pattern: /\bghost rows?\b/i, use: "pending turn" },
  {
    pattern: /\b(?:colour|behaviour|neighbour|honour|favour|cent(?:re|red|res)\b|catalogue|licence|defence)/i,
    use: "American spelling: color, behavior, center, catalog, license, …",
  },
  {
    pattern:
      /\b(?:normal|recogn|summar|serial|optim|synchron|emphas|organ|initial)is(?:e|es|ed|ing|ations?)\b/i,
    use: "American spelling: …ize, …ization",
  },
]

/** Identifiers. Matched as written, case included. */
export const NAMES = [
  { pattern: /\b(?:MOST|LEAST)_[A-Z]+/, use: "MAX_…, MIN_…" },
  { pattern: /\b[A-Z]\w*Books?\b/, use: "…Cache, …Store" },
  { pattern: /\b(?:kept[A-Z]\w*|\w*[a-z]Kept\b|Kept\w*)/, use: "shared…, retained…, stored…" },
  { pattern: /\b(?:moved|changed)\??: ?\(/, use: "onMove, onChange" },
  { pattern: /\btell[A-Z]?\w*\(/, use: "notify…, emit…, publish…" },
  { pattern: /\bclass (?!\w*Error\b)\w+ extends Error\b/, use: "a class name that ends in Error" },
  { pattern: /\b(?:holdExit|keepDemoShort|sendFleetHome|tellAll|withoutMessage)\b/, use: "what it does" },
  { pattern: /\b(?:Gateway|RunReader|VisitorRates|Wired|runMoves)\b/, use: "the name it has now" },
  { pattern: /\b(?:(?:Run|draw|use)?Strip[A-Z]\w*|(?:Run|draw)Strip|stripColumns)\b/, use: "minimap" },
  { pattern: /\b(?:Wall|WallRow|useWallIds)\b/, use: "LiveBoard" },
  { pattern: /\b(?:last_sign_at|lastSignAt)\b/, use: "last_seen_at" },
]
