/** One line of a comparison: a turn of the first run, of the second one, or of both. */
export type AlignedTurn = { readonly a?: number; readonly b?: number }

/** Ranges that need a larger table are matched by unique turns only, to bound the cost. */
const MAX_CELLS = 4_000_000

/**
 * Aligns two runs by the keys of their turns. Equal keys mean the same step. Turns stay in order, and each turn occurs
 * once. Uses the longest common subsequence if the runs differ in up to about 2,000 turns; otherwise, turns that occur
 * exactly once in both serve as anchors. Between matches, the first run's turns come before the second's.
 */
export function alignTurns(a: readonly string[], b: readonly string[]): AlignedTurn[] {
  const lines: AlignedTurn[] = []
  align({ from: 0, to: a.length }, { from: 0, to: b.length }, a, b, lines)
  return lines
}

type Range = { from: number; to: number }

function align(x: Range, y: Range, a: readonly string[], b: readonly string[], lines: AlignedTurn[]): void {
  let [aFrom, bFrom, aTo, bTo] = [x.from, y.from, x.to, y.to]
  while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) lines.push({ a: aFrom++, b: bFrom++ })
  let tail = 0
  while (aTo > aFrom && bTo > bFrom && a[aTo - 1] === b[bTo - 1]) {
    aTo--
    bTo--
    tail++
  }
  const restA = { from: aFrom, to: aTo }
  const restB = { from: bFrom, to: bTo }
  const cells = (aTo - aFrom) * (bTo - bFrom)
  if (cells === 0) pushUnmatched(restA, restB, lines)
  else if (cells <= MAX_CELLS) alignByLongestCommon(restA, restB, a, b, lines)
  else alignByAnchors(restA, restB, a, b, lines)
  for (let at = 0; at < tail; at++) lines.push({ a: aTo + at, b: bTo + at })
}

function pushUnmatched(x: Range, y: Range, lines: AlignedTurn[]): void {
  for (let at = x.from; at < x.to; at++) lines.push({ a: at })
  for (let at = y.from; at < y.to; at++) lines.push({ b: at })
}

/** Computes the textbook longest-common-subsequence table from the end, then walks it from the start. */
function alignByLongestCommon(
  x: Range,
  y: Range,
  a: readonly string[],
  b: readonly string[],
  lines: AlignedTurn[],
): void {
  const width = y.to - y.from + 1
  const common = new Uint16Array((x.to - x.from + 1) * width)
  const cell = (i: number, j: number) => common[(i - x.from) * width + (j - y.from)] ?? 0
  for (let i = x.to - 1; i >= x.from; i--) {
    for (let j = y.to - 1; j >= y.from; j--) {
      common[(i - x.from) * width + (j - y.from)] =
        a[i] === b[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1))
    }
  }
  let i = x.from
  let j = y.from
  while (i < x.to && j < y.to) {
    if (a[i] === b[j]) lines.push({ a: i++, b: j++ })
    else if (cell(i + 1, j) >= cell(i, j + 1)) lines.push({ a: i++ })
    else lines.push({ b: j++ })
  }
  pushUnmatched({ from: i, to: x.to }, { from: j, to: y.to }, lines)
}

/** Splits a large range at turns that occur exactly once in each run and in the same order in both. */
function alignByAnchors(
  x: Range,
  y: Range,
  a: readonly string[],
  b: readonly string[],
  lines: AlignedTurn[],
): void {
  const onceInB = uniquePositions(b, y)
  const pairs = [...uniquePositions(a, x)].flatMap(([key, at]) => {
    const other = onceInB.get(key)
    return other === undefined ? [] : [{ a: at, b: other }]
  })
  const anchors = longestIncreasing(pairs)
  if (anchors.length === 0) {
    pushUnmatched(x, y, lines)
    return
  }
  let [aFrom, bFrom] = [x.from, y.from]
  for (const anchor of anchors) {
    align({ from: aFrom, to: anchor.a }, { from: bFrom, to: anchor.b }, a, b, lines)
    lines.push(anchor)
    aFrom = anchor.a + 1
    bFrom = anchor.b + 1
  }
  align({ from: aFrom, to: x.to }, { from: bFrom, to: y.to }, a, b, lines)
}

function uniquePositions(keys: readonly string[], { from, to }: Range): Map<string, number> {
  const places = new Map<string, number>()
  const twice = new Set<string>()
  for (let at = from; at < to; at++) {
    const key = keys[at]
    if (key === undefined) continue
    if (places.has(key)) twice.add(key)
    else places.set(key, at)
  }
  for (const key of twice) places.delete(key)
  return places
}

/** Returns the longest subsequence of pairs (ordered by `a`) with increasing `b`, by patience sorting. */ // plain-english-ignore: the algorithm's name
function longestIncreasing(pairs: readonly { a: number; b: number }[]): { a: number; b: number }[] {
  const piles: number[] = []
  const before: number[] = []
  pairs.forEach((pair, at) => {
    let low = 0
    let high = piles.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[piles[middle] ?? 0]?.b ?? 0) < pair.b) low = middle + 1
      else high = middle
    }
    before.push(low > 0 ? (piles[low - 1] ?? -1) : -1)
    piles[low] = at
  })
  const chain: { a: number; b: number }[] = []
  for (let at = piles.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) {
    const pair = pairs[at]
    if (pair !== undefined) chain.push(pair)
  }
  return chain.reverse()
}
