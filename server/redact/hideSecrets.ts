import { isSecretName } from "./isSecretName"

/** Returns the replacement for a secret. */
export type Hide = (kind: string, secret: string) => string

// Each pattern takes linear time: repetitions are bounded or can't contain the start of another match. In JSON within a
// string, a secret may follow a letter (`\nghp_…`). The preceding character is therefore only checked for prefixes that
// an ordinary word may end with.
const APART = "(?:(?<![A-Za-z0-9])|(?<=\\\\[nrtbf]))"
const VALUE = "[^\\s\"'`\\\\,;&<>{}()\\[\\]]"

type Pattern = { kind: string; hint: string; pattern: RegExp }

/**
 * Secrets recognized by their form. The group `secret` of a match is replaced, or the whole match if the pattern has no
 * such group. `hint` is a part of every match, in lower case.
 */
const FORMS: readonly Pattern[] = [
  form("aws", "akia", "AKIA[A-Z0-9]{16}(?![A-Z0-9])"),
  form("aws", "asia", "ASIA[A-Z0-9]{16}(?![A-Z0-9])"),
  // The character class includes the underscore, so that two adjacent tokens are both covered.
  form("github", "gh", "gh[pousr]_[A-Za-z0-9_]{30,255}"),
  form("github", "github_pat_", "github_pat_[A-Za-z0-9_]{22,255}"),
  form("gitlab", "gl", "gl(?:pat|dt|rt|ptt|ft|soat|cbt)-[A-Za-z0-9_-]{20,255}"),
  form("slack", "xox", "xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
  form("slack", "xapp-", "xapp-[A-Za-z0-9-]{10,255}"),
  form(
    "slack",
    "hooks.slack.com",
    "hooks\\.slack\\.com/(?:services|workflows|triggers)/(?<secret>[A-Za-z0-9/_-]{8,255})",
  ),
  form("anthropic", "sk-ant-", "sk-ant-[A-Za-z0-9_-]{16,255}"),
  form("openai", "sk-", `${APART}sk-(?=[a-z_-]{0,80}[0-9A-Z])[A-Za-z0-9_-]{20,255}`),
  form("stripe", "k_", "[srp]k_(?:live|test)_[A-Za-z0-9]{10,255}"),
  form("stripe", "whsec_", "whsec_[A-Za-z0-9+/=]{16,255}"),
  form("google", "aiza", "AIza[A-Za-z0-9_-]{35}"),
  form("google", "ya29.", "ya29\\.[A-Za-z0-9_-]{20,2048}"),
  form("npm", "npm_", "npm_[A-Za-z0-9]{36}"),
  form("pypi", "pypi-", "pypi-[A-Za-z0-9_-]{40,512}"),
  form("huggingface", "hf_", `${APART}hf_[A-Za-z0-9]{30,64}`),
  form("turnline", "tl_", `${APART}tl_[0-9a-z]{8,32}_[A-Za-z0-9_-]{43,128}`),
  form(
    "jwt",
    "eyj",
    "(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrtbf]))eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*)?",
  ),
  form("bearer", "bearer", "bearer\\s{1,8}(?<secret>(?!\\[redacted)[A-Za-z0-9._~+/=-]{16,})", "gid"),
  form(
    "authorization",
    "authoriz",
    `authorization["'\\\\]{0,8}\\s{0,4}[:=]\\s{0,4}["'\\\\]{0,8}(?:(?:basic|token|digest|apikey|negotiate)\\s{1,4}|(?=\\S{0,200}\\d))(?<secret>(?!\\[redacted|bearer)${VALUE}{8,})`,
    "gid",
  ),
  form(
    "password",
    "://",
    `://[^\\s/@:"'\\\\]{0,256}:(?<secret>(?!\\[redacted)[^\\s/@"'\\\\$<{*][^\\s/@"'\\\\]{0,255})@`,
  ),
  form(
    "env",
    "",
    `(?:PASSWORD|PASSWD|_PWD|_PASS|SECRET|TOKEN(?!S)|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)[A-Z0-9_]{0,32}=["'\\\\]{0,4}(?<secret>(?![$<{*]|\\[redacted)${VALUE}{6,})`,
  ),
  form(
    "query",
    "=",
    `[?&;](?:[a-z0-9]{1,24}[_-]){0,4}(?:token|secret|password|passwd|pwd|api_?key|apikey|signature|sig|credential|auth)=(?<secret>(?![$<{*]|\\[redacted)[^&\\s"'\\\\#<>]{6,})`,
    "gid",
  ),
  form(
    "flag",
    "--",
    `--(?:[a-z]{1,24}-){0,4}(?:password|passwd|token|secret|api-?key|credentials?)[ =]["'\\\\]{0,4}(?<secret>(?![-$<{*]|\\[redacted|(?:string|stdin|value|secret|password|token)\\b)${VALUE}{6,})`,
    "gid",
  ),
]

function form(kind: string, hint: string, source: string, flags = "gd"): Pattern {
  return { kind, hint, pattern: new RegExp(source, flags) }
}

/**
 * Replaces secrets that are recognized by their form or by a preceding name. The time is linear in the length of the
 * text.
 */
export function hideSecrets(text: string, hide: Hide): string {
  const lower = asciiLower(text)
  let safe = hideNamed(hidePrivateKeys(text, lower, hide), hide)
  for (const { kind, hint, pattern } of FORMS) {
    if (lower.includes(hint)) safe = replaceForm(safe, kind, pattern, hide)
  }
  return safe
}

/** Lower-cases text without changing the positions of characters. */
function asciiLower(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase())
}

function replaceForm(text: string, kind: string, pattern: RegExp, hide: Hide): string {
  let safe = ""
  let at = 0
  for (const match of text.matchAll(pattern)) {
    const [from, to] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0]
    if (from < at) continue
    safe += text.slice(at, from) + hide(kind, text.slice(from, to))
    at = to
  }
  return at === 0 ? text : safe + text.slice(at)
}

const MAX_BEFORE_KEY = 60

/** Replaces PEM private keys, from the first line to the last line or the end of the text. */
function hidePrivateKeys(text: string, lower: string, hide: Hide): string {
  let safe = ""
  let at = 0
  for (;;) {
    const mark = lower.indexOf("private key", at)
    if (mark < 0) return safe + text.slice(at)
    const near = Math.max(at, mark - MAX_BEFORE_KEY)
    const begin = near + lower.slice(near, mark).lastIndexOf("-----begin")
    if (begin < near) {
      safe += text.slice(at, mark + 11)
      at = mark + 11
      continue
    }
    const end = lower.indexOf("-----end", mark)
    const last = end < 0 ? -1 : lower.indexOf("-----", end + 8)
    const after = last < 0 ? text.length : last + 5
    safe += text.slice(at, begin) + hide("private-key", text.slice(begin, after))
    at = after
  }
}

/** A quoted name followed by a quoted value: JSON or similar within a string, escaped or not. */
const NAMED =
  /["']([\w.$-]{1,64})(\\{0,15})["']\s{0,4}(?::|=>|,\s{0,4}\\{0,15}["']value\\{0,15}["']\s{0,4}:)\s{0,4}(\\{0,15})(?=(["']))/g
/** A name at the start of a line, as in YAML or a header. The value contains a digit, unlike most type names. */
const LINE =
  /(?:^|[\n\r]|\\[nr])[ \t]{0,64}(?:- )?([\w.-]{1,64}):[ \t]{1,8}(?=[^\s"'`,;{}()<>[\]\\]{0,200}\d)([^\s"'`,;{}()<>[\]\\]{6,})/g

function hideNamed(text: string, hide: Hide): string {
  let safe = ""
  let at = 0
  for (const match of text.matchAll(NAMED)) {
    const from = match.index + match[0].length + 1
    if (from < at || !isSecretName(match[1] ?? "")) continue
    const to = endOfQuoted(text, from, `${match[3] ?? ""}${match[4] ?? ""}`)
    if (to === from || text.startsWith("[redacted", from)) continue
    safe += text.slice(at, from) + hide("named", text.slice(from, to))
    at = to
  }
  return hideLines(safe + text.slice(at), hide)
}

function hideLines(text: string, hide: Hide): string {
  return text.replace(LINE, (line: string, name: string, value: string) => {
    if (!isSecretName(name) || value.startsWith("[redacted")) return line
    return line.slice(0, -value.length) + hide("named", value)
  })
}

/**
 * Returns the end of a quoted string: the position of the same quote with as many backslashes, or the end of the text.
 */
function endOfQuoted(text: string, from: number, quote: string): number {
  const backslashes = quote.length - 1
  const mark = quote.slice(-1)
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    let before = 0
    while (before <= backslashes && text[at - 1 - before] === "\\") before++
    if (before === backslashes) return at - backslashes
  }
  return text.length
}
