import { searchForm } from "./searchText"

/** How much of a turn's text is searched, in characters. What a turn says and does goes before what it was asked. */
const TEXT_CHARS = 64 * 1024
/** Longer words are known by their start alone. */
const WORD_CHARS = 48
/** A search for more words than these goes by the first of them. */
const MAX_WORDS = 8

/** Scripts that put no space between words: each of their characters is a word. */
const UNSPACED =
  "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}"
const WORD = new RegExp(`[[\\p{L}\\p{M}\\p{N}]--[${UNSPACED}]]+|[${UNSPACED}]`, "gv")
/** Words, and what else is not ASCII between them: to ask of each character what Unicode says of it takes twice as long. */
const PIECE = /[a-z0-9\u0080-\uffff]+/g
const ASCII_WORD = /^[a-z0-9]+$/
const LONE = new RegExp(`^[${UNSPACED}]$`, "v")
const ASCII = /^[\0-\x7f]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are what it is here to find
const COLOUR = /\u001b\[[0-9;:?]{0,64}[A-Za-z]/g
const ESCAPE = /\\+[nrtbf]/g

/** A word of a search: matched by a word that begins with it, or, when it is a single character, on its own alone. */
export type SoughtWord = { word: string; whole: boolean }

/** The words of a search, in the form in which turns' words are kept. None for a search without letters and digits. */
export function soughtWords(q: string): SoughtWord[] {
  const words = new Set<string>()
  addWords(words, q)
  return [...words]
    .slice(0, MAX_WORDS)
    .map((word) => ({ word, whole: [...word].length === 1 || LONE.test(word) }))
}

/** Whether a word of a turn is one that is sought. */
export function isSought(word: string, sought: SoughtWord): boolean {
  return sought.whole ? word === sought.word : word.startsWith(sought.word)
}

/** Where a text has a word that is sought, as near as lower case tells; -1 for nowhere. */
export function findSought(text: string, sought: SoughtWord): number {
  for (const form of wordForms(text)) {
    for (const { word, at } of wordsIn(form)) if (isSought(startOf(word), sought)) return at
  }
  return -1
}

/** Adds a text's words: lower case, runs of letters, marks and digits. */
export function addWords(words: Set<string>, text: string): void {
  for (const form of wordForms(text)) {
    for (const piece of form.match(PIECE) ?? []) {
      if (ASCII_WORD.test(piece)) words.add(startOf(piece))
      else for (const word of piece.match(WORD) ?? []) words.add(startOf(word))
    }
  }
}

function* wordsIn(form: string): Generator<{ word: string; at: number }> {
  for (const piece of form.matchAll(PIECE)) {
    for (const word of piece[0].matchAll(WORD)) yield { word: word[0], at: piece.index + word.index }
  }
}

/** A text as it is split into words; as long as the text, but for rare letters. */
function wordForms(text: string): string[] {
  const lower = (text.includes("\u001b") ? text.replace(COLOUR, blank) : text).toLowerCase()
  const form = ASCII.test(lower) ? lower : searchForm(lower.normalize("NFC"))
  if (!text.includes("\\")) return [form]
  // JSON within a text: `\n` ends a word there, but begins a name in a path of Windows.
  return [form, form.replace(ESCAPE, blank)]
}

function blank(found: string): string {
  return " ".repeat(found.length)
}

function startOf(word: string): string {
  if (word.length <= WORD_CHARS) return word
  const cut = /[\uD800-\uDBFF]/.test(word.charAt(WORD_CHARS - 1)) ? WORD_CHARS - 1 : WORD_CHARS
  return word.slice(0, cut)
}

/** Adds the words of a stored turn's texts to a set; a body that isn't a turn adds none. */
export function addTurnWords(words: Set<string>, body: string): void {
  for (const text of turnTexts(body)) addWords(words, text)
}

/**
 * The texts of a stored turn that a search looks through, in order: tool, error, message, thinking, the strings in
 * parameters and output, prompt; 64 Ki characters in all. Walks without recursion.
 */
export function* turnTexts(body: string): Generator<string> {
  const turn: unknown = JSON.parse(body)
  if (typeof turn !== "object" || turn === null) return
  const { tool, error, message, thinking, parameters, output, prompt } = turn as Record<string, unknown>
  const said = typeof error === "object" && error !== null ? Reflect.get(error, "message") : undefined
  let left = TEXT_CHARS
  for (const part of [tool, said, message, thinking, parameters, output, prompt]) {
    for (const text of stringsIn(part)) {
      if (left <= 0) return
      yield text.length <= left ? text : text.slice(0, left)
      left -= text.length
    }
  }
}

function* stringsIn(value: unknown): Generator<string> {
  const stack: unknown[] = [value]
  while (stack.length > 0) {
    const next = stack.pop()
    if (typeof next === "string") yield next
    if (typeof next !== "object" || next === null) continue
    const below: unknown[] = Object.values(next)
    for (let at = below.length - 1; at >= 0; at--) stack.push(below[at])
  }
}
