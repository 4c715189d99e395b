/** How far before the end of a text a token that is still being written can have begun. */
const LOOKED_AT_CHARS = 512
const BEGINNINGS =
  /AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|npm_|pypi-|^(?:sk-|hf_|tl_|eyJ)/
const LAST_TOKEN = /[A-Za-z0-9_.+/=-]{3,}$/

/** A text less a token at its very end that begins like a secret: it may be one when the rest has come. */
export function withoutOpenEnd(text: string): string {
  const token = LAST_TOKEN.exec(text.slice(-LOOKED_AT_CHARS))?.[0] ?? ""
  const at = token.search(BEGINNINGS)
  return at < 0 ? text : `${text.slice(0, text.length - token.length + at)}…`
}

/** Of what looks drawn at random so little may be told that it helps nobody. */
const OPEN_RANDOM = /[A-Za-z0-9+/_-]{8,}$/

/** A text less a token at its very end that looks drawn at random so far. */
export function withoutOpenRandom(text: string): string {
  const token = OPEN_RANDOM.exec(text.slice(-LOOKED_AT_CHARS))?.[0] ?? ""
  const isMixed = /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token)
  return isMixed ? `${text.slice(0, text.length - token.length)}…` : text
}
