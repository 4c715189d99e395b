/** How far before the end of a string an unfinished token may start. */
const TAIL_CHARS = 512
const BEGINNINGS =
  /AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|npm_|pypi-|^(?:sk-|hf_|tl_|eyJ)/
const LAST_TOKEN = /[A-Za-z0-9_.+/=-]{3,}$/

/**
 * Removes a token at the end of a string that starts like a secret, because the rest of the secret may still arrive.
 */
export function withoutOpenEnd(text: string): string {
  const token = LAST_TOKEN.exec(text.slice(-TAIL_CHARS))?.[0] ?? ""
  const at = token.search(BEGINNINGS)
  return at < 0 ? text : `${text.slice(0, text.length - token.length + at)}…`
}

/**
 * Parts of a random string that are shorter than this may be published, because they reveal too little to be useful.
 */
const OPEN_RANDOM = /[A-Za-z0-9+/_-]{8,}$/

/** Removes a token at the end of a string that looks random so far. */
export function withoutOpenRandom(text: string): string {
  const token = OPEN_RANDOM.exec(text.slice(-TAIL_CHARS))?.[0] ?? ""
  const isMixed = /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token)
  return isMixed ? `${text.slice(0, text.length - token.length)}…` : text
}
