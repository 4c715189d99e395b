import { parseExact } from "@/lib/protocol/exactNumbers"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { turnTexts } from "./turnTexts"

/** Longer words are split into pieces of this length. */
const WORD_CHARS = 48
/** The overlap of pieces of a long word, so that any part of the word up to this length is within one piece. */
const OVERLAP_CHARS = 24

/** Scripts without spaces between words: each character is a word, and so is each pair of adjacent characters. */
const UNSPACED =
  "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}"
const WORD = new RegExp(`[[\\p{L}\\p{M}\\p{N}]--[${UNSPACED}]]+|[${UNSPACED}]+`, "gv")
const UNSPACED_WORD = new RegExp(`^[${UNSPACED}]`, "v")
/** Candidates for words: all non-ASCII characters are included, because matching `\p{…}` takes longer. */
const PIECE = /[a-z0-9\u0080-\uffff]+/g
const ASCII_WORD = /^[a-z0-9]+$/

/**
 * A part of a search term that the word index can look up: a word, or the start, end or middle of a word. In a script
 * without spaces, a part has one or two characters. `startsWord` and `endsWord`: the part is known to start or end a
 * word.
 */
export type TermPart = { text: string; startsWord: boolean; endsWord: boolean; isUnspaced: boolean }

/**
 * A term with its parts. `isExact`: the term is its only part, so the index alone decides which texts have the term.
 */
export type TermParts = { term: string; parts: TermPart[]; isExact: boolean }

/** Splits a folded term into parts. A term without letters and digits has no parts. */
export function termParts(term: string): TermParts {
  const parts = [...term.matchAll(WORD)].flatMap(({ 0: word, index }): TermPart[] => {
    const startsWord = index > 0
    const endsWord = index + word.length < term.length
    if (UNSPACED_WORD.test(word))
      return pairsOf(word).map((text) => ({ text, startsWord: true, endsWord: true, isUnspaced: true }))
    if (word.length <= OVERLAP_CHARS) return [{ text: word, startsWord, endsWord, isUnspaced: false }]
    const start = startOf(word, OVERLAP_CHARS)
    return [{ text: start, startsWord, endsWord: false, isUnspaced: false }]
  })
  const [only] = parts
  return { term, parts, isExact: parts.length === 1 && only?.text === term }
}

/** Adds the words of a stored turn's texts to a set. */
export function addTurnWords(words: Set<string>, body: string): void {
  for (const { text } of turnTexts(parseExact(body))) addWords(words, foldText(shownText(text)))
}

/** Adds the words of a folded text: runs of letters, marks and digits. */
export function addWords(words: Set<string>, text: string): void {
  for (const piece of text.match(PIECE) ?? []) {
    if (ASCII_WORD.test(piece)) addWord(words, piece)
    else
      for (const word of piece.match(WORD) ?? []) {
        if (UNSPACED_WORD.test(word)) addUnspaced(words, word)
        else addWord(words, word)
      }
  }
}

/** Returns true if a word of the index is in a script without spaces. */
export function isUnspaced(word: string): boolean {
  return UNSPACED_WORD.test(word)
}

function addWord(words: Set<string>, word: string): void {
  if (word.length <= WORD_CHARS) {
    words.add(word)
    return
  }
  for (let at = 0; at < word.length - OVERLAP_CHARS; at += WORD_CHARS - OVERLAP_CHARS)
    words.add(word.slice(at, at + WORD_CHARS).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, ""))
}

function addUnspaced(words: Set<string>, word: string): void {
  for (const character of word) words.add(character)
  for (const pair of pairsOf(word)) words.add(pair)
}

/** Returns all pairs of adjacent characters, or the only character. */
function pairsOf(word: string): string[] {
  const characters = [...word]
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`)
}

function startOf(word: string, chars: number): string {
  const start = word.slice(0, chars)
  return start.isWellFormed() ? start : word.slice(0, chars - 1)
}
