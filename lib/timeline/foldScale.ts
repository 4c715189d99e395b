import type { TimeRange } from "./domain"

/** A folded gap is drawn as long as this share of what is left unfolded. */
const BAND_SHARE = 0.03

type Piece = { realMs: number; shownMs: number; rate: number; folded: boolean }

/**
 * Real time to shown time, in which folded gaps are short bands; both in milliseconds, both rising, each the other's
 * inverse. Shown time begins where real time does, and without folds the two are the same.
 */
export type FoldScale = {
  readonly shown: TimeRange
  /** The bands of the folded gaps: in real and in shown time. */
  readonly bands: readonly { real: TimeRange; shown: TimeRange }[]
  toShown(realMs: number): number
  toReal(shownMs: number): number
}

/** Makes the scale of a domain with some gaps folded; gaps outside it are ignored, overlapping ones are one. */
export function foldScale(domain: TimeRange, folded: readonly TimeRange[]): FoldScale {
  const gaps = merged(domain, folded)
  const foldedMs = gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0)
  const lengthMs = domain.toMs - domain.fromMs
  const bandMs = Math.max((lengthMs - foldedMs) * BAND_SHARE, lengthMs * 1e-4)
  const pieces: Piece[] = [{ realMs: domain.fromMs, shownMs: domain.fromMs, rate: 1, folded: false }]
  const bands: { real: TimeRange; shown: TimeRange }[] = []
  for (const gap of gaps) {
    const last = pieces.at(-1) as Piece
    const shownFrom = last.shownMs + (gap.fromMs - last.realMs) * last.rate
    const shownTo = shownFrom + Math.min(bandMs, gap.toMs - gap.fromMs)
    pieces.push(
      {
        realMs: gap.fromMs,
        shownMs: shownFrom,
        rate: (shownTo - shownFrom) / (gap.toMs - gap.fromMs),
        folded: true,
      },
      { realMs: gap.toMs, shownMs: shownTo, rate: 1, folded: false },
    )
    bands.push({ real: gap, shown: { fromMs: shownFrom, toMs: shownTo } })
  }
  const toShown = (realMs: number) => {
    const piece = lastBefore(pieces, (it) => it.realMs <= realMs)
    return piece.shownMs + (realMs - piece.realMs) * piece.rate
  }
  const toReal = (shownMs: number) => {
    const piece = lastBefore(pieces, (it) => it.shownMs <= shownMs)
    return piece.realMs + (shownMs - piece.shownMs) / piece.rate
  }
  return { shown: { fromMs: domain.fromMs, toMs: toShown(domain.toMs) }, bands, toShown, toReal }
}

function merged(domain: TimeRange, folded: readonly TimeRange[]): TimeRange[] {
  const inside = folded
    .map((gap) => ({ fromMs: Math.max(gap.fromMs, domain.fromMs), toMs: Math.min(gap.toMs, domain.toMs) }))
    .filter((gap) => gap.toMs > gap.fromMs)
    .sort((a, b) => a.fromMs - b.fromMs)
  const gaps: TimeRange[] = []
  for (const gap of inside) {
    const last = gaps.at(-1)
    if (last !== undefined && gap.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, gap.toMs)
    else gaps.push(gap)
  }
  return gaps
}

/** The last piece for which the test holds, else the first; pieces are few, but a strip asks for each turn. */
function lastBefore(pieces: readonly Piece[], holds: (piece: Piece) => boolean): Piece {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const piece = pieces[middle]
    if (piece !== undefined && holds(piece)) low = middle
    else high = middle - 1
  }
  return pieces[low] as Piece
}
