import { createHmac } from "node:crypto"
import { hideRandom, mayHoldRandom } from "./hideRandom"
import { hideSecrets } from "./hideSecrets"
import { isSecretName } from "./isSecretName"
import { mayHoldSecrets } from "./mayHoldSecrets"
import { withoutOpenEnd, withoutOpenRandom } from "./withoutOpenEnd"

/** Shorter texts hold no secret of a known form. */
const MIN_CHARS = 8
/** What is no secret though it stands under a secret's name. */
const PLACEHOLDER = /^(?:\[redacted:[a-z-]+:[0-9a-f]{8}\]|\*+|<[^<>]*>|\$\{?\w*\}?|\s*)$/
const FAILED = "[redacted:error:00000000]"
/** Secrets of one value that are marked one from another; whoever sends thousands must not keep this process busy. */
const MAX_HASHED = 500

/**
 * Takes secrets out of what agents send, before it is stored or told to anybody: `[redacted:<kind>:<8 hex>]` stands in their place,
 * the hex digits the same for the same secret
 * (past 500 in one value all zeros). Numbers, booleans and all other texts stay as they are. Never throws.
 */
export class Redactor {
  readonly #key: Buffer
  readonly #random: boolean
  #hashesLeft = MAX_HASHED

  /**
   * `key`: of the data directory; without it nobody can try out what a mark stands for. `random`: also hides what looks drawn at random,
   * which now and then is no secret.
   */
  constructor(key: Buffer, { random = false }: { random?: boolean } = {}) {
    this.#key = key
    this.#random = random
  }

  /** Whether a text, or the JSON of a value, may hold a secret: a quick look that says yes too often, never no wrongly. */
  suspects(text: string): boolean {
    return mayHoldSecrets(text) || (this.#random && mayHoldRandom(text))
  }

  /** A JSON value, nested at most as deep as the wire allows, without secrets; the value itself when it holds none. */
  value<T>(value: T): T {
    return this.suspects(JSON.stringify(value) ?? "") ? this.suspect(value) : value
  }

  /** As `value`, for one of which `suspects` is known to be true of its JSON. */
  suspect<T>(value: T): T {
    this.#hashesLeft = MAX_HASHED
    return this.#clean(value, undefined) as T
  }

  /** A text without secrets. */
  text(text: string): string {
    this.#hashesLeft = MAX_HASHED
    return this.#text(text)
  }

  /** As `text`, for one that is still being written: without the beginning of what may become a secret at its end. */
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
      // Rather nothing than a secret.
      return FAILED
    }
  }

  readonly #hide = (kind: string, secret: string): string => {
    this.#hashesLeft -= 1
    const hash =
      this.#hashesLeft < 0 ? "00000000" : createHmac("sha256", this.#key).update(secret).digest("hex")
    return `[redacted:${kind}:${hash.slice(0, 8)}]`
  }

  /** `name`: under which the value stands. */
  #clean(value: unknown, name: string | undefined): unknown {
    if (typeof value === "string") {
      if (name !== undefined && isSecretName(name)) return this.#named(value)
      return this.#text(value)
    }
    if (typeof value !== "object" || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.#clean(item, name))
    const stated = stateName(value)
    // Defined, not assigned: an own key `__proto__` must stay data.
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [
        this.#text(key),
        this.#clean(child, key === "value" ? stated : key),
      ]),
    )
  }

  #named(value: string): string {
    return PLACEHOLDER.test(value) ? value : this.#hide("named", value)
  }
}

/** The name of what stands under `value` beside it, as lists of headers and variables are written. */
function stateName(value: object): string {
  for (const key of ["name", "key", "header"]) {
    const name: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    if (typeof name === "string") return name
  }
  return "value"
}
