import { createHmac } from "node:crypto"
import { hideRandom, mayHoldRandom } from "./hideRandom"
import { hideSecrets } from "./hideSecrets"
import { isSecretName } from "./isSecretName"
import { mayHoldSecrets } from "./mayHoldSecrets"
import { withoutOpenEnd, withoutOpenRandom } from "./withoutOpenEnd"

/** Shorter strings can't contain a secret of a known form. */
const MIN_CHARS = 8
/**
 * Matches values that aren't secrets even if their name is a secret's: markers, placeholders and references to
 * variables.
 */
const PLACEHOLDER = /^(?:\[redacted:[a-z-]+:[0-9a-f]{8}\]|\*+|<[^<>]*>|\$\{?\w*\}?|\s*)$/
const FAILED = "[redacted:error:00000000]"
/** The maximum number of secrets in one value that are hashed. Hashing thousands would block the process. */
const MAX_HASHED = 500

/**
 * Replaces secrets in what agents send with `[redacted:<kind>:<8 hex>]`, before anything is stored or published. The
 * same secret always gets the same hex digits, except that after 500 secrets in one value they are zeros. Never throws.
 */
export class Redactor {
  readonly #key: Buffer
  readonly #random: boolean
  #hashesLeft = MAX_HASHED

  /**
   * @param key the data directory's key. Someone who doesn't have it can't find out a secret by hashing guesses and
   * comparing them with a marker.
   * @param options.random whether strings that look random are also replaced, with occasional false positives.
   */
  constructor(key: Buffer, { random = false }: { random?: boolean } = {}) {
    this.#key = key
    this.#random = random
  }

  /** A cheap pre-filter for a string or the JSON of a value: false positives are possible, false negatives aren't. */
  suspects(text: string): boolean {
    return mayHoldSecrets(text) || (this.#random && mayHoldRandom(text))
  }

  /**
   * Returns a JSON value without secrets, or the value itself if it contains none. The recursion is safe because the
   * protocol limits nesting.
   */
  value<T>(value: T): T {
    return this.suspects(JSON.stringify(value) ?? "") ? this.suspect(value) : value
  }

  /** Like `value`, for a value whose JSON is known to pass `suspects`. */
  suspect<T>(value: T): T {
    this.#hashesLeft = MAX_HASHED
    return this.#clean(value, undefined) as T
  }

  text(text: string): string {
    this.#hashesLeft = MAX_HASHED
    return this.#text(text)
  }

  /**
   * Like `text`, for text that is still being written: also removes what may be the start of a secret at the end of the
   * text.
   */
  openText(text: string): string {
    const safe = withoutOpenEnd(this.text(text))
    return this.#random ? withoutOpenRandom(safe) : safe
  }

  #text(text: string): string {
    if (text.length < MIN_CHARS || !this.suspects(text)) return text
    try {
      const safe = hideSecrets(text, this.#hide)
      return this.#random ? hideRandom(safe, this.#hide) : safe
    } catch {
      // Losing the text is better than leaking a secret.
      return FAILED
    }
  }

  readonly #hide = (kind: string, secret: string): string => {
    this.#hashesLeft -= 1
    const hash =
      this.#hashesLeft < 0 ? "00000000" : createHmac("sha256", this.#key).update(secret).digest("hex")
    return `[redacted:${kind}:${hash.slice(0, 8)}]`
  }

  /** Returns a value without secrets. `name`: the key of the value, if it has one. */
  #clean(value: unknown, name: string | undefined): unknown {
    if (typeof value === "string") {
      if (name !== undefined && isSecretName(name)) return this.#named(value)
      return this.#text(value)
    }
    if (typeof value !== "object" || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.#clean(item, name))
    const paired = pairedName(value)
    // `fromEntries` defines keys instead of assigning them, so that `__proto__` stays data.
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [
        this.#text(key),
        this.#clean(child, key === "value" ? paired : key),
      ]),
    )
  }

  #named(value: string): string {
    return PLACEHOLDER.test(value) ? value : this.#hide("named", value)
  }
}

/** Returns the name in a `{ name, value }` pair, as in lists of headers and variables. */
function pairedName(value: object): string {
  for (const key of ["name", "key", "header"]) {
    const name: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    if (typeof name === "string") return name
  }
  return "value"
}
